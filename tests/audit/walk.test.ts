/** Every route of the API, every refusal, a restart: which events each leaves, seen in the trail. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type } from 'arktype'
import { type AuditEventType, auditEvents } from '../../src/audit/events.ts'
import { recordOf, startOwnRegistry } from '../scans/own-registry.ts'
import { type Answer, type Client, clientOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { createScratchDatabase, openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

setDefaultTimeout(120_000)

const password = 'correct horse battery staple'
const webhookSecret = 'a-webhook-secret-of-the-walk'
const [firstKey, secondKey] = [0, 1].map(() => randomBytes(32).toString('hex'))

let dataDir: string
let scratch: Awaited<ReturnType<typeof createScratchDatabase>>
let registry: Awaited<ReturnType<typeof startOwnRegistry>>
let caly: Caly
let admin: Client

const start = (env: Readonly<Record<string, string>> = {}) =>
  startCaly({
    env: {
      // Another one at each start would be a setting that changed.
      REDIS_URL: undefined,
      CALY_DATA_DIR: dataDir,
      DATABASE_URL: scratch?.url,
      ENCRYPTION_KEY: `${firstKey}`,
      EXOTEL_WEBHOOK_SECRET: webhookSecret,
      CALY_PROVIDER: 'simulator',
      PUBLIC_URL: 'http://localhost',
      TRUSTED_PROXIES: '127.0.0.1,::1',
      RATE_LIMIT_API: 'off',
      RATE_LIMIT_AUTH: 'off',
      RATE_LIMIT_GLOBAL: '200/1h',
      ...registry.env,
      ...env,
    },
  })

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'caly-walk-'))
  // Empty: the first start leaves events, too.
  scratch = await createScratchDatabase(false)
  registry = await startOwnRegistry()
  caly = await start()
  const { body } = await clientOf(caly)('POST', '/api/auth/login', caly.admin)
  admin = clientOf(caly, body.accessToken)
})
afterAll(async () => {
  await caly.stop()
  await registry.registry.close()
  await scratch?.drop()
  await rm(dataDir, { recursive: true, force: true })
})

let requests = 0

/** Asks under an id of its own, each time from another address, and says which events were left. */
async function leaves(
  method: string,
  path: string,
  { as = admin, body, headers }: { as?: Client; body?: unknown; headers?: Record<string, string> },
) {
  requests += 1
  const id = `walk-request-${requests}`
  const address = `198.51.100.${requests % 250}`
  const asked = { 'x-request-id': id, 'x-forwarded-for': address, ...headers }
  const answer = await as(method, path, body, asked)
  return { answer, events: await eventsOf(id) }
}

/** What stands in the trail under a request's id, once all that was told before stands there. */
async function eventsOf(id: string): Promise<string[]> {
  requests += 1
  const marker = `walk-marker-${requests}`
  const from = { 'x-forwarded-for': `192.0.2.${requests % 250}` }
  await admin('GET', '/api/keys?limit=1', undefined, { 'x-request-id': marker, ...from })
  const ask = async (request: string): Promise<Answer> =>
    admin('GET', `/api/audit?limit=100&requestId=${request}`, undefined, from)
  await eventually(
    () => ask(marker),
    ({ body }) => body.items.length === 1,
  )
  const { body } = await ask(id)
  return body.items.map(({ eventType }: { eventType: string }) => eventType).sort()
}

let people = 0
async function newUser() {
  people += 1
  const email = `walker${people}@example.com`
  const { body: user } = await admin('POST', '/api/users', {
    ...{ email, name: 'Walker', role: 'operator', password },
  })
  return { ...user, email } as { readonly id: string; readonly email: string }
}

async function session() {
  const { email } = await newUser()
  const { body } = await clientOf(caly)('POST', '/api/auth/login', { email, password })
  return { ...body, as: clientOf(caly, body.accessToken) }
}

const call = { from: '+919876543210', to: '+919812345678', record: true }

async function newCall() {
  const { body } = await admin('POST', '/api/calls', call)
  await eventually(
    () => admin('GET', `/api/calls/${body.id}`),
    (answer) => answer.body.recordingAvailable === true,
  )
  return body.id as string
}

/** Runs a scan to its end. */
async function newScan() {
  requests += 1
  const from = { 'x-forwarded-for': `203.0.113.${requests % 250}` }
  const { body } = await admin('POST', '/api/scans', undefined, from)
  const database = await openDatabaseOf(caly)
  const select = 'select status from scans where id = $1'
  await eventually(
    () => database.query(select, [body.id]),
    ([scan]) => scan?.['status'] !== 'running',
    30_000,
  )
  await database.close()
  return body.id as string
}

const newKey = async (...scopes: string[]) =>
  (await admin('POST', '/api/keys', { name: 'walk', scopes })).body

interface Step {
  readonly path?: string
  readonly as?: Client
  readonly body?: unknown
}

/** Of each operation: a request that is answered well, and the events that it leaves. */
const steps: Readonly<Record<string, readonly [() => Promise<Step> | Step, ...string[]]>> = {
  getLiveness: [() => ({})],
  getReadiness: [() => ({})],
  getHealth: [() => ({}), 'ACCESS_GRANTED'],
  getFigures: [() => ({}), 'ACCESS_GRANTED'],
  getMetrics: [() => ({}), 'ACCESS_GRANTED'],
  getService: [() => ({})],
  logIn: [() => ({ as: clientOf(caly), body: caly.admin }), 'LOGIN_SUCCESS'],
  refreshSession: [
    async () => ({ body: { refreshToken: (await session()).refreshToken } }),
    'TOKEN_REFRESHED',
  ],
  logOut: [async () => ({ as: (await session()).as, body: {} }), 'LOGOUT'],
  getMe: [() => ({})],
  changePassword: [
    async () => ({
      as: (await session()).as,
      body: { currentPassword: password, newPassword: `${password}!` },
    }),
    'PASSWORD_CHANGED',
  ],
  listUsers: [() => ({}), 'DATA_READ'],
  createUser: [
    () => ({ body: { email: 'new@example.com', name: 'New', role: 'auditor', password } }),
    'USER_CREATED',
  ],
  updateUser: [
    async () => ({ path: (await newUser()).id, body: { name: 'Other', disabled: true } }),
    'USER_DISABLED',
    'USER_UPDATED',
  ],
  eraseUser: [async () => ({ path: (await newUser()).id }), 'USER_ERASED'],
  listKeys: [() => ({}), 'DATA_READ'],
  createKey: [() => ({ body: { name: 'k', scopes: ['calls:read'] } }), 'API_KEY_GENERATED'],
  revokeKey: [async () => ({ path: (await newKey('calls:read')).id }), 'API_KEY_REVOKED'],
  listCalls: [() => ({}), 'DATA_READ'],
  placeCall: [() => ({ body: call }), 'CALL_QUEUED'],
  searchCalls: [() => ({ body: { number: call.to } }), 'DATA_READ'],
  // Figures are about nobody.
  getCallStats: [() => ({})],
  getCall: [async () => ({ path: await newCall() }), 'DATA_READ'],
  updateCall: [async () => ({ path: await newCall(), body: { notes: 'n' } }), 'CALL_UPDATED'],
  eraseCall: [async () => ({ path: await newCall() }), 'CALL_ERASED'],
  getRecording: [async () => ({ path: await newCall() }), 'CALL_RECORDING_READ'],
  listAuditEvents: [() => ({}), 'DATA_READ'],
  exportAuditEvents: [() => ({}), 'DATA_EXPORTED'],
  verifyAuditTrail: [() => ({}), 'AUDIT_VERIFIED'],
  listScans: [() => ({}), 'ACCESS_GRANTED'],
  startScan: [() => ({}), 'SCAN_STARTED'],
  getScan: [async () => ({ path: await newScan() }), 'ACCESS_GRANTED'],
  listVulnerabilities: [() => ({}), 'ACCESS_GRANTED'],
  receivePassthru: [() => ({ path: `${webhookSecret}?CallSid=walk` }), 'WEBHOOK_RECEIVED'],
  receiveCallback: [
    () => ({ path: webhookSecret, body: 'neither JSON nor a form' }),
    'WEBHOOK_RECEIVED',
    'WEBHOOK_REJECTED',
  ],
}

test('every route leaves the events of the table, and no other', async () => {
  const { body: api } = await clientOf(caly)('GET', '/docs/json')
  const operations = Object.entries<Record<string, { operationId: string }>>(api.paths).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
  )
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(steps).sort())
  for (const { path, method, operationId } of operations) {
    const [step, ...expected] = steps[operationId] ?? []
    const { path: param = '', ...asking }: Step = (await step?.()) ?? {}
    const { answer, events } = await leaves(
      method.toUpperCase(),
      path.replace(/\{\w+\}/, param),
      asking,
    )
    expect([operationId, answer.status < 300, ...events]).toEqual([operationId, true, ...expected])
  }
})

/** What clients send and the trail must not keep. */
const canary = 'canary-5f3a9c'

test('every refusal leaves its event', async () => {
  const stranger = clientOf(caly)
  const reader = clientOf(caly, (await newKey('calls:read')).key)
  const wrong = { email: (await newUser()).email, password: `${canary} password` }
  const used = await session()
  await stranger('POST', '/api/auth/refresh', { refreshToken: used.refreshToken })
  const refusals: Record<string, Awaited<ReturnType<typeof leaves>>> = {
    stranger: await leaves('GET', '/api/calls', { as: stranger }),
    'no scope': await leaves('GET', '/api/users', { as: reader }),
    'no operator': await leaves('GET', '/metrics', { as: reader }),
    'not valid': await leaves('POST', '/api/calls', {
      as: (await session()).as,
      body: { from: canary, [canary]: canary },
      headers: { cookie: `session=${canary}`, 'idempotency-key': canary },
    }),
    'not readable': await leaves('POST', '/api/calls', {
      as: (await session()).as,
      body: `{${canary}`,
    }),
    attack: await leaves('GET', `/api/calls?q=../../${canary}`, { as: (await session()).as }),
    'wrong password': await leaves('POST', '/api/auth/login', { as: stranger, body: wrong }),
    'token used twice': await leaves('POST', '/api/auth/refresh', {
      as: stranger,
      body: { refreshToken: used.refreshToken },
    }),
    'wrong secret': await leaves('POST', `/api/webhooks/exotel/${canary}`, {
      as: stranger,
      body: {},
    }),
  }
  expect(Object.entries(refusals).map(([name, { events }]) => [name, ...events])).toEqual([
    ['stranger', 'ACCESS_DENIED'],
    ['no scope', 'ACCESS_DENIED'],
    ['no operator', 'ACCESS_DENIED'],
    ['not valid', 'VALIDATION_FAILED'],
    ['not readable', 'VALIDATION_FAILED'],
    ['attack', 'SECURITY_VIOLATION', 'VALIDATION_FAILED'],
    ['wrong password', 'LOGIN_FAILURE'],
    ['token used twice', 'ACCESS_DENIED', 'TOKEN_REUSE_DETECTED'],
    ['wrong secret', 'WEBHOOK_REJECTED'],
  ])
})

test('an account that is guessed at, and a client that asks too often, leave theirs', async () => {
  const { email } = await newUser()
  const guess = { email, password: 'a wrong password' }
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-request-id': 'walk-guessing' }
  for (let tries = 0; tries < 25; tries += 1)
    await clientOf(caly)('POST', '/api/auth/login', guess, headers)
  const guessed = await eventsOf('walk-guessing')
  expect(new Set(guessed)).toEqual(new Set(['LOGIN_FAILURE', 'ACCOUNT_LOCKED']))
  const many = { 'x-forwarded-for': '203.0.113.10', 'x-request-id': 'walk-too-often' }
  const asked = Array.from({ length: 210 }, () => clientOf(caly)('GET', '/api', undefined, many))
  expect((await Promise.all(asked)).map(({ status }) => status)).toContain(429)
  // Ten were refused, and one row says so now.
  expect(await eventsOf('walk-too-often')).toEqual(['RATE_LIMIT_EXCEEDED'])
})

test('a start says which settings changed since the last one, and none of their values', async () => {
  expect(await caly.stop()).toBe(0)
  caly = await start({ AUDIT_RETENTION_DAYS: '400', METRICS_TOKEN: 'a-token-of-metrics-here' })
  const { body } = await clientOf(caly)('POST', '/api/auth/login', caly.admin)
  admin = clientOf(caly, body.accessToken)
  // A start is recorded while it serves already.
  const { body: changes } = await eventually(
    () => admin('GET', '/api/audit?eventType=CONFIG_CHANGED'),
    ({ body }) => body.items.length > 0,
  )
  expect(changes.items.map(({ details }: { details: unknown }) => details)).toEqual([
    { settings: ['auditRetentionDays', 'metricsToken'] },
  ])
  const { body: ends } = await eventually(
    () => admin('GET', '/api/audit?eventType=SERVICE_*'),
    ({ body }) => body.items.length > 2,
  )
  const names = ends.items.map(({ eventType }: { eventType: string }) => eventType)
  expect(names).toEqual(['SERVICE_STARTED', 'SERVICE_STOPPED', 'SERVICE_STARTED'])
})

test('a rotation and an erasure at the shell leave theirs', async () => {
  const rotated = { env: { ENCRYPTION_KEY: `${secondKey},${firstKey}` } }
  expect((await runCommand(caly, ['keys', 'reencrypt'], rotated)).code).toBe(0)
  const actor = (await newUser()).id
  const erased = await runCommand(caly, ['audit', 'erase', '--actor', actor])
  expect(erased.code).toBe(0)
})

test('a number of the business, a call that comes in over it, and a look at what came leave theirs', async () => {
  const client = (await runCommand(caly, ['clients', 'create', '--name', 'Walk'])).word('Client')
  const number = ['--number', '+919999900010']
  expect((await runCommand(caly, ['numbers', 'add', '--client', client, ...number])).code).toBe(0)
  const asked = 'CallSid=walkin&CallFrom=09876543210&CallTo=09999900010&Direction=incoming'
  await clientOf(caly)('GET', `/api/webhooks/exotel/${webhookSecret}?${asked}`)
  const database = await openDatabaseOf(caly)
  const [message] = await eventually(
    () => database.query('select id from webhook_events where client_id = $1', [client]),
    (rows) => rows.length > 0,
  )
  await database.close()
  const shown = await runCommand(caly, ['webhooks', 'show', String(message?.['id'])])
  expect([shown.code, shown.output]).toEqual([0, expect.stringContaining('CallTo=09999900010')])
  expect((await runCommand(caly, ['numbers', 'remove', ...number])).code).toBe(0)
})

test('scans leave theirs: what was found by severity, what is gone, and what could not be asked', async () => {
  const severities = ['CRITICAL', 'HIGH', 'MODERATE', 'LOW', 'UNRATED'] as const
  const packages = ['jose', 'hash-wasm', 'elysia', 'arktype', 'yauzl']
  for (const [index, severity] of severities.entries()) {
    const id = `GHSA-2222-cccc-fff${index + 2}`
    registry.records.push(recordOf(id, String(packages[index]), severity))
  }
  await newScan()
  registry.records.length = 0
  await newScan()
  registry.registry.break({ kind: 'status', status: 410 })
  await newScan()
  registry.registry.mend()
})

/** Types that this service had no reason to write, and the tests that have it. */
const elsewhere = [
  'API_KEY_EXPIRED', // tests/auth/expiry.test.ts
  'AUDIT_ERASED', // tests/audit/seals.test.ts: the user above has done nothing
  'AUDIT_EVENTS_DROPPED', // tests/audit/writer.test.ts
  'AUDIT_MONTH_DROPPED', // tests/audit/seals.test.ts
  'CLIENT_REMOVED', // tests/readiness/mutants.test.ts
  'DATA_DELETED', // tests/auth/retention.test.ts
  'SCAN_FAILED', // tests/scans/service.test.ts
]

const catalogue = new Map<string, AuditEventType<object>>(
  Object.entries<object>(auditEvents).map(([name, event]) => [
    name,
    event as AuditEventType<object>,
  ]),
)

test('all other types of the catalogue stand in the trail by now, each row as the catalogue says', async () => {
  const database = await openDatabaseOf(caly)
  const rows = await database.query(
    'select event_type, severity, outcome, resource_type, details from audit_logs',
  )
  const found = await database.query(
    `select event_type from audit_logs where audit_logs::text like '%${canary}%'`,
  )
  await database.close()
  expect(found).toEqual([])
  const seen = new Set(rows.map(({ event_type: name }) => String(name)))
  const missing = [...catalogue.keys()].filter((name) => !seen.has(name))
  expect(missing.sort()).toEqual(elsewhere.toSorted())
  for (const row of rows) {
    const { event_type: name, severity, outcome, resource_type: resource } = row
    const event = catalogue.get(String(name))
    expect([name, event?.severity, event?.outcome]).toEqual([name, severity, outcome])
    if (resource !== null) expect([name, resource]).toEqual([name, event?.resource])
    const read = event?.details.onUndeclaredKey('reject')(withoutSummary(row['details']))
    expect([name, read instanceof type.errors ? read.summary : '']).toEqual([name, ''])
  }
})

/** A row that stands for others says so among its details. */
function withoutSummary(details: unknown) {
  const { suppressed, from, to, ...own } = details as Readonly<Record<string, unknown>>
  return suppressed === undefined ? details : own
}
