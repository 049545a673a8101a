/** Two replicas on two runtimes, behind PgBouncer in transaction mode, are one service. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { type Client, clientOf } from '../support/client.ts'
import { placeCalls } from '../support/crash/placing.ts'
import { judge, untilEnded, witness } from '../support/crash/verdict.ts'
import { eventually } from '../support/process.ts'
import { openPair, type Pair } from './pair.ts'

let pair: Pair
/** The admin, at either replica. */
let onA: Client
let onB: Client
beforeAll(async () => {
  pair = await openPair()
  await witness(pair.rows)
  const a = pair.a.caly()
  const { body } = await clientOf(a)('POST', '/api/auth/login', a.admin)
  onA = clientOf(a, body.accessToken)
  onB = clientOf(pair.b.caly(), body.accessToken)
}, 120_000)
afterAll(() => pair.close(), 60_000)

const count = async (text: string, values?: readonly unknown[]) =>
  Number((await pair.rows.query(`select count(*) as n from ${text}`, values))[0]?.['n'])

const ends = (client: Client, id: string) =>
  eventually(
    () => client('GET', `/api/calls/${id}`),
    ({ body }) => body.status === 'completed',
    20_000,
  )

const call = { from: '+919999900001', to: '+919999900010' }

test('both start on an empty database at the same moment, and it is set up once', async () => {
  const migrations = (await readdir('db/migrations')).filter((name) => name.endsWith('.sql'))
  expect(await count('caly_migrations')).toBe(migrations.length)
  expect(await count('clients')).toBe(1)
  expect(await count('users')).toBe(1)
  // A start is recorded while it serves already.
  await eventually(
    () => count(`audit_logs where event_type = 'SERVICE_STARTED'`),
    (starts) => starts === 2,
  )
  const runtimes = await Promise.all(
    [onA, onB].map(async (ask) => (await ask('GET', '/health/detailed')).body.runtime),
  )
  expect(runtimes.map((name) => name.split(/[ /]/)[0].toLowerCase())).toEqual(['bun', 'deno'])
})

test('the server’s own limit on statements is missed until the role has one', async () => {
  const look = async (ask: Client) => (await ask('GET', '/health/detailed')).body
  for (const ask of [onA, onB]) {
    const { status, checks } = await look(ask)
    expect(status).toBe('warn')
    expect(checks.statementTimeout).toMatchObject({ status: 'warn' })
  }
  // Still served: the client gives up by itself.
  expect((await onA('GET', '/health/ready')).status).toBe(200)
  await pair.administer(`alter role ${pair.role} set statement_timeout = '30s'`)
  await pair.bouncer.command('RECONNECT')
  for (const ask of [onA, onB]) {
    const { checks } = await eventually(
      () => look(ask),
      ({ status }) => status === 'pass',
    )
    expect(checks.statementTimeout.status).toBe('pass')
  }
})

test('a login at one replica is a session at the other, and can be refreshed there', async () => {
  const [a, b] = [pair.a.caly(), pair.b.caly()]
  const { body: session } = await clientOf(b)('POST', '/api/auth/login', a.admin)
  expect((await clientOf(a, session.accessToken)('GET', '/api/auth/me')).status).toBe(200)
  const { refreshToken } = session
  const refreshed = await clientOf(a)('POST', '/api/auth/refresh', { refreshToken })
  expect(refreshed.status).toBe(200)
  const again = clientOf(b, refreshed.body.accessToken)
  expect((await again('GET', '/api/auth/me')).status).toBe(200)
})

/** A key made at one replica. */
async function newKey(maker: Client, ...scopes: string[]): Promise<{ id: string; key: string }> {
  const { body } = await maker('POST', '/api/keys', { name: 'replicas', scopes })
  return body
}

describe.each(['from Bun to Deno', 'from Deno to Bun'])('%s', (direction) => {
  const here = () => (direction === 'from Bun to Deno' ? onA : onB)
  const there = () => (direction === 'from Bun to Deno' ? pair.b : pair.a).caly()

  /** Milliseconds until the other replica refuses what it has just let in. */
  async function untilRefused(token: string, end: () => Promise<{ readonly status: number }>) {
    const ask = async () => (await clientOf(there(), token)('GET', '/api/auth/me')).status
    expect(await ask()).toBe(200)
    expect(await ask()).toBe(200)
    expect([200, 204]).toContain((await end()).status)
    const ended = performance.now()
    await eventually(ask, (status) => status === 401)
    const time = performance.now() - ended
    process.stdout.write(`revoked ${direction}: ${time.toFixed(0)} ms\n`)
    return time
  }

  test('a key that is made is good at once, and one that is revoked ends within a second', async () => {
    const { id, key } = await newKey(here(), 'calls:read')
    const time = await untilRefused(key, () => here()('DELETE', `/api/keys/${id}`))
    expect(time).toBeLessThan(1000)
  }, 20_000)

  test('a session that is logged out ends within a second', async () => {
    const { admin } = pair.a.caly()
    const { body } = await clientOf(there())('POST', '/api/auth/login', admin)
    const mine = clientOf(here() === onA ? pair.a.caly() : pair.b.caly(), body.accessToken)
    const time = await untilRefused(body.accessToken, () => mine('POST', '/api/auth/logout'))
    expect(time).toBeLessThan(1000)
  }, 20_000)
})

test('failed logins at either count together, and the account is locked at both, once', async () => {
  const email = 'guessed@example.com'
  const password = 'another horse battery staple'
  await onA('POST', '/api/users', { email, name: 'U', role: 'operator', password })
  const login = async (replica: Pair['a'], given: string) =>
    (await clientOf(replica.caly())('POST', '/api/auth/login', { email, password: given })).status
  // Four are free: neither replica has seen as many by itself.
  for (const replica of [pair.a, pair.b, pair.a, pair.b, pair.a])
    expect(await login(replica, 'a wrong guess')).toBe(401)
  expect(await login(pair.a, password)).toBe(401)
  expect(await login(pair.b, password)).toBe(401)
  expect(await count(`audit_logs where event_type = 'ACCOUNT_LOCKED'`)).toBe(1)
  // The control: whoever has only mistyped a few times gets in at either.
  const other = 'typing@example.com'
  await onA('POST', '/api/users', { email: other, name: 'U', role: 'operator', password })
  for (const replica of [pair.a, pair.b])
    await clientOf(replica.caly())('POST', '/api/auth/login', { email: other, password: 'oops' })
  const right = { email: other, password }
  expect((await clientOf(pair.b.caly())('POST', '/api/auth/login', right)).status).toBe(200)
}, 20_000)

test('twenty requests at a time with one key over both replicas place one call', async () => {
  const headers = { 'idempotency-key': 'twenty-twins' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? onB : onA)('POST', '/api/calls', call, headers),
    ),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202))
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  const firsts = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)
  expect(firsts).toHaveLength(1)
  expect(await count('calls')).toBe(1)
  const [id] = answers.map(({ body }) => body.id)
  const { body: ended } = await ends(onB, id)
  expect(ended.events.filter(({ source }: { source: string }) => source === 'api')).toHaveLength(1)
  expect(await count('placings where call_id = $1', [id])).toBe(1)
  // Whichever replica is asked later, and whatever for.
  for (const ask of [onA, onB]) {
    const again = await ask('POST', '/api/calls', call, headers)
    expect([again.status, again.body.id]).toEqual([202, id])
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    const other = await ask('POST', '/api/calls', { ...call, to: '+919999900011' }, headers)
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH'])
  }
}, 40_000)

test('jobs that both replicas look for run once, and what goes by the clock runs once for both', async () => {
  const earlier = (await pair.rows.query('select id from calls')).map(({ id }) => String(id))
  let turn = 0
  const placing = placeCalls({ next: () => (turn++ % 2 ? onB : onA), clients: 8 })
  await eventually(
    () => count('calls'),
    (calls) => calls > earlier.length + 60,
    30_000,
  )
  const placed = await placing.stop()
  expect(placed).toMatchObject({ lost: 0, refused: 0, putOff: 0 })
  expect(await untilEnded(pair.rows, 20_000)).toEqual([])
  const { broken, longest } = await judge(pair.rows, {
    ...placed,
    ids: [...earlier, ...placed.ids],
    keys: earlier.length + placed.keys,
  })
  process.stdout.write(`${placed.keys} calls over both, each ended within ${longest} ms\n`)
  expect(broken).toEqual([])
  const doubled = await pair.rows.query(
    `select name, singleton_on from pgboss.job where singleton_on is not null
     group by name, singleton_on having count(*) > 1`,
  )
  expect(doubled).toEqual([])
}, 60_000)
