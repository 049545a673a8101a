/** Clients side by side: nobody reads, changes or even notices what belongs to another. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { platformScopes } from '../../src/auth/index.ts'
import { type Client, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually } from '../support/process.ts'
import { newTenant, platformTenant, startStrict, type Tenant } from './cast.ts'
import { password, type Rule, requestOf, rules } from './matrix.ts'

setDefaultTimeout(120_000)

let caly: Caly
/** Whose things are looked for. */
let owner: Tenant
/** Who looks for them: the admins of another client and of the platform. */
let others: readonly (readonly [name: string, ask: Client])[] = []

/** Each tells its owner by a word that nobody else uses. */
const secret = `secret-${randomBytes(8).toString('hex')}`
const number = '+919876500042'
const newCall = { from: '+912233445566', to: number, record: true, customField: secret }
const idempotency = { 'idempotency-key': 'one-and-the-same' }

/** What the owner has. */
let callId = ''
let own: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  caly = (await startStrict({ HOST: '127.0.0.1', SIMULATOR_STEP: '20' })).caly
  const platform = await platformTenant(caly)
  owner = await newTenant(caly, 'owner')
  const other = await newTenant(caly, 'other')
  others = [
    ["another client's admin", other.users.admin.ask],
    ["the platform's admin", platform.users.admin.ask],
  ]
  const { ask } = owner.users.admin
  const { body: made } = await ask('POST', '/api/calls', newCall, idempotency)
  callId = made.id
  await ask('POST', '/api/calls', newCall)
  await ask('PATCH', `/api/calls/${callId}`, { notes: secret, tags: [secret] })
  await eventually(
    () => ask('GET', `/api/calls/${callId}`),
    ({ body }) => body.recordingAvailable,
  )
  const { body: key } = await ask('POST', '/api/keys', { name: secret, scopes: ['calls:read'] })
  const { body: user } = await ask('POST', '/api/users', {
    email: `${secret}@owner.example`,
    name: secret,
    role: 'operator',
    password,
  })
  own = { calls: callId, keys: key.id, users: user.id }
})
afterAll(() => caly.stop())

/** Which kind of thing the `{id}` of a route names. */
const kindOf = (route: string) => /\/api\/(\w+)\/\{id\}/.exec(route)?.[1]

/** What is the platform's own, no other client can have any of: access.test.ts has who may see it. */
const isTenants = ({ route, demands }: Rule) =>
  kindOf(route) !== undefined && !platformScopes.some((scope) => scope === demands)

for (const rule of rules.filter(isTenants))
  test(`${rule.route} answers 404 for what is another client's, as for what is not there`, async () => {
    const id = own[kindOf(rule.route) ?? '']
    if (id === undefined) throw new Error(`The owner has none of ${kindOf(rule.route)}`)
    for (const [name, ask] of others) {
      const { method, path, body } = requestOf(rule, id)
      const theirs = await ask(method, path, body)
      const nowhere = requestOf(rule)
      const nobodys = await ask(nowhere.method, nowhere.path, body)
      expect([name, theirs.status]).toEqual([name, 404])
      const { requestId: _, ...answer } = theirs.body
      const { requestId: __, ...blank } = nobodys.body
      expect(answer).toEqual(blank)
    }
  })

test('everything is still there for its owner after others tried to change and delete it', async () => {
  const { ask } = owner.users.admin
  const { body: call } = await ask('GET', `/api/calls/${callId}`)
  expect(call).toMatchObject({ ...newCall, notes: secret, tags: [secret] })
  for (const kind of ['keys', 'users'] as const) {
    const { body } = await ask('GET', `/api/${kind}`)
    const found = body.items.find(({ id }: { id: string }) => id === own[kind])
    expect(found).toMatchObject({ name: secret })
  }
  expect((await ask('GET', `/api/calls/${callId}/recording`)).status).toBe(200)
})

test("no list, search or statistic shows anything of another client's", async () => {
  for (const [name, ask] of others) {
    for (const path of ['/api/calls', '/api/keys', '/api/users', '/api/audit', '/api/auth/me']) {
      const { status, body } = await ask(
        'GET',
        `${path}${path === '/api/auth/me' ? '' : '?limit=100'}`,
      )
      expect([name, path, status]).toEqual([name, path, 200])
      expect(JSON.stringify(body)).not.toContain(secret)
      for (const id of Object.values(own)) expect(JSON.stringify(body)).not.toContain(id)
    }
    const search = await ask('POST', '/api/calls/search', { number })
    expect([name, search.body]).toEqual([name, { items: [], nextCursor: null }])
    const stats = await ask('GET', '/api/calls/stats')
    expect([name, stats.body.total]).toEqual([name, 0])
  }
})

test("a cursor of another client's list leads nowhere in theirs", async () => {
  const { ask } = owner.users.admin
  const cursors: Record<string, string> = {}
  for (const path of ['/api/calls', '/api/keys', '/api/users', '/api/audit'])
    cursors[path] = (await ask('GET', `${path}?limit=1`)).body.nextCursor
  const searched = await ask('POST', '/api/calls/search', { number, limit: 1 })
  for (const [name, other] of others) {
    for (const [path, cursor] of Object.entries(cursors)) {
      expect(cursor).toBeString()
      const { status, body } = await other('GET', `${path}?limit=1&cursor=${cursor}`)
      expect([name, path, status]).toEqual([name, path, 422])
      expect(JSON.stringify(body)).not.toContain(secret)
    }
    const page = { number, limit: 1, cursor: searched.body.nextCursor }
    expect((await other('POST', '/api/calls/search', page)).status).toBe(422)
  }
})

test("another client's audit trail can be neither found by what is known of it nor taken out", async () => {
  const auditor = owner.users.auditor.ask
  const { body: seen } = await auditor('GET', `/api/audit?resourceId=${callId}&limit=100`)
  expect(seen.items.length).toBeGreaterThan(0)
  const { requestId, actorId } = seen.items.at(-1)
  const known = [`resourceId=${callId}`, `requestId=${requestId}`, `actorId=${actorId}`]
  for (const [name, ask] of others) {
    for (const filter of known) {
      const { body } = await ask('GET', `/api/audit?${filter}`)
      expect([name, filter, body]).toEqual([name, filter, { items: [], nextCursor: null }])
    }
    for (const format of ['ndjson', 'csv']) {
      const { status, body } = await ask('GET', `/api/audit/export?format=${format}`)
      expect([name, status]).toEqual([name, 200])
      for (const id of Object.values(own)) expect(body).not.toContain(id)
    }
  }
  const { body: taken } = await auditor('GET', '/api/audit/export')
  for (const id of Object.values(own)) expect(taken).toContain(id)
})

test('whether the trail is intact is told to every auditor, how much is in it only to the platform', async () => {
  const told = await owner.users.auditor.ask('GET', '/api/audit/verify')
  expect(told.body).toMatchObject({ intact: true, platform: null })
  for (const [name, ask] of others) {
    const { body } = await ask('GET', '/api/audit/verify')
    const { rows } = body.platform ?? {}
    expect([name, rows > 0]).toEqual([name, name.includes('platform')])
  }
})

test("an idempotency key that another client has used makes a call of one's own", async () => {
  const ids = new Set([callId])
  for (const [name, ask] of others) {
    const { status, headers, body } = await ask('POST', '/api/calls', newCall, idempotency)
    expect([name, status, headers.get('idempotent-replayed')]).toEqual([name, 202, null])
    expect(body.notes).toBeNull()
    ids.add(body.id)
    const again = await ask('POST', '/api/calls', newCall, idempotency)
    expect([name, again.body.id]).toEqual([name, body.id])
  }
  expect(ids.size).toBe(others.length + 1)
})

test("an e-mail that another client's user has is refused without a word about whose it is", async () => {
  const email = `${secret}@owner.example`
  for (const [name, ask] of others) {
    const { status, body } = await ask('POST', '/api/users', {
      email,
      name: 'Twin',
      role: 'auditor',
      password,
    })
    expect([name, status, body.code]).toEqual([name, 409, 'CONFLICT'])
    expect(JSON.stringify(body)).not.toContain(own['users'] ?? '')
  }
})

test("what somebody did is in their own client's part of the audit trail, what strangers did in the platform's", async () => {
  await clientOf(caly)('GET', '/api/calls')
  const database = await openDatabaseOf(caly)
  try {
    const denied = await database.query(
      `select c.name, c.is_platform, l.actor_type from audit_logs l join clients c on c.id = l.client_id
       where l.event_type = 'ACCESS_DENIED' and l.actor_type = 'anonymous'`,
    )
    expect(denied.length).toBeGreaterThan(0)
    expect(denied.every((row) => row['is_platform'] === true)).toBe(true)
    const ofCall = await database.query(
      `select distinct c.name from audit_logs l join clients c on c.id = l.client_id
       where l.resource_id = $1`,
      [callId],
    )
    expect(ofCall).toEqual([{ name: 'owner' }])
  } finally {
    await database.close()
  }
})

test('every row of every table that has an owner names one', async () => {
  const database = await openDatabaseOf(caly)
  try {
    const owned = await database.query(
      `select table_name from information_schema.columns
       where table_schema = 'public' and column_name = 'client_id' order by table_name`,
    )
    for (const { table_name: table } of owned) {
      // A callback's owner is known once it is known whose call it speaks of.
      if (table === 'webhook_events') continue
      const [row] = await database.query(
        `select count(*)::int as n from "${table}" where client_id is null`,
      )
      expect([table, row?.['n']]).toEqual([table, 0])
    }
    expect(owned.map((row) => row['table_name'])).toEqual(
      expect.arrayContaining(['api_keys', 'audit_logs', 'calls', 'idempotency_keys', 'users']),
    )
  } finally {
    await database.close()
  }
})
