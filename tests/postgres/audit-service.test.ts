/** What clients see of the trail while the service's PostgreSQL is gone. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, clientOf } from '../support/client.ts'
import { createScratchDatabase, openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

let scratch: Awaited<ReturnType<typeof createScratchDatabase>>
let proxy: TcpProxy
let caly: Caly

beforeEach(async () => {
  scratch = await createScratchDatabase()
  if (scratch === undefined) throw new Error('TEST_DATABASE_URL is missing')
  proxy = await tcpProxy(scratch.url)
})
afterEach(async () => {
  await caly.stop()
  await proxy.close()
  await scratch?.drop()
}, 60_000)

const start = async (env: Readonly<Record<string, string>> = {}) => {
  const url = proxy.through(scratch?.url ?? '')
  caly = await startCaly({ env: { DATABASE_URL: url, TRUSTED_PROXIES: '127.0.0.1', ...env } })
}

/** A stranger from an address, with something that is no token: refused without the database. */
const stranger = (address: string): Promise<Answer> =>
  clientOf(caly, 'garbage')('GET', '/api/auth/me', undefined, { 'x-forwarded-for': address })

const denied = async () => {
  const database = await openDatabaseOf({ ...caly, env: { DATABASE_URL: scratch?.url ?? '' } })
  try {
    return await database.query(
      `select ip, details from audit_logs where event_type = 'ACCESS_DENIED' order by id`,
    )
  } finally {
    await database.close()
  }
}

const warning = async () => (await clientOf(caly)('GET', '/health/ready')).body.checks.audit

test('a refusal is answered as ever while PostgreSQL is away, is on disk before, and in the table after', async () => {
  await start()
  expect(await warning()).toEqual({ status: 'pass', latencyMs: 0 })
  await proxy.set('refuse')
  expect((await stranger('198.51.100.1')).status).toBe(401)
  expect((await stranger('198.51.100.2')).status).toBe(401)
  const files = await readdir(join(caly.dataDir, 'audit-spool'))
  expect(files.filter((name) => name.endsWith('.segment'))).toHaveLength(1)
  expect(await warning()).toMatchObject({
    status: 'warn',
    reason: 'audit events wait on disk for the database',
  })
  await proxy.set('pass')
  const rows = await eventually(denied, (found) => found.length === 2, 15_000)
  expect(rows.map(({ ip }) => ip)).toEqual(['198.51.100.1', '198.51.100.2'])
  await eventually(warning, ({ status }) => status === 'pass')
}, 60_000)

test('with a full spool no refusal goes unrecorded: it is answered 503 instead', async () => {
  await start({ AUDIT_SPOOL_BYTES: '65536' })
  await proxy.set('refuse')
  const answers: Answer[] = []
  for (let host = 1; host <= 150; host += 1) answers.push(await stranger(`198.51.100.${host}`))
  const recorded = answers.filter(({ status }) => status === 401)
  const refused = answers.filter(({ status }) => status === 503)
  expect(recorded.length + refused.length).toBe(150)
  expect(refused.length).toBeGreaterThan(10)
  expect(refused[0]?.body.code).toBe('DATABASE_UNAVAILABLE')
  expect(refused[0]?.headers.get('retry-after')).toBe('1')
  expect((await warning()).reason).toBe('neither database nor spool takes audit events')
  expect(caly.output()).toContain('audit events have no row')
  await proxy.set('pass')
  await eventually(denied, (found) => found.length === recorded.length, 15_000)
}, 60_000)

test('with AUDIT_ON_FULL=drop the service goes on, and metrics count what is missing', async () => {
  await start({ AUDIT_SPOOL_BYTES: '65536', AUDIT_ON_FULL: 'drop' })
  await proxy.set('refuse')
  for (let host = 1; host <= 150; host += 1)
    expect((await stranger(`198.51.100.${host}`)).status).toBe(401)
  const { body } = await clientOf(caly)('GET', '/metrics')
  const [, dropped] =
    /^caly_audit_lost_events_total\{[^}]*dropped[^}]*\} (\d+)/m.exec(String(body)) ?? []
  expect(Number(dropped)).toBeGreaterThan(10)
  await proxy.set('pass')
  await eventually(denied, (found) => found.length === 150 - Number(dropped), 15_000)
}, 60_000)
