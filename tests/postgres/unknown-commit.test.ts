/** A commit of which nobody knows whether it happened: the same key settles it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Client } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import { type ProxiedCaly, startProxiedCaly } from '../support/proxied.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'

let started: ProxiedCaly
let direct: Awaited<ReturnType<typeof openDatabaseOf>>
let proxy: TcpProxy
let admin: Client

beforeAll(async () => {
  started = await startProxiedCaly()
  ;({ proxy, admin } = started)
  const env = { DATABASE_URL: started.databaseUrl }
  direct = await openDatabaseOf({ dataDir: started.caly.dataDir, env })
}, 60_000)
afterAll(async () => {
  await direct.close()
  await started.close()
}, 60_000)

/** As drizzle sends it, with the end of its message: no other statement ends so. */
const commit = 'commit\0'

const body = { from: '+919999900001', to: '+919999900010' }
const post = (key: string) => admin('POST', '/api/calls', body, { 'idempotency-key': key })
const calls = async () => (await direct.query('select id from calls')).map(({ id }) => String(id))

const once = async (id: string) => {
  const { body: call } = await eventually(
    () => admin('GET', `/api/calls/${id}`),
    ({ body }) => body.status === 'completed',
  )
  expect(
    call.events.filter(({ source }: { source: string }) => source === 'provider'),
  ).toHaveLength(1)
  const placed = `select 1 from audit_logs where event_type = 'CALL_PLACED' and resource_id = $1`
  expect(await direct.query(placed, [id])).toHaveLength(1)
}

test('a commit whose answer is lost is answered 503, and the same key then gives the call that was made', async () => {
  const lost = proxy.cutAt('after', commit)
  const first = await post('answer-lost')
  await lost
  expect(first.status).toBe(503)
  expect(first.body.code).toBe('DATABASE_UNAVAILABLE')
  expect(first.headers.get('retry-after')).toBeTruthy()
  // It was committed, whatever the client was told.
  const [made, ...others] = await calls()
  expect(others).toEqual([])
  const again = await post('answer-lost')
  expect(again.status).toBe(202)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect(again.body.id).toBe(made)
  expect(await calls()).toHaveLength(1)
  await once(again.body.id)
}, 30_000)

test('a commit that never arrives is answered 503, and the same key then makes the call', async () => {
  const before = await calls()
  const lost = proxy.cutAt('before', commit)
  const first = await post('commit-lost')
  await lost
  expect(first.status).toBe(503)
  const again = await eventually(
    () => post('commit-lost'),
    // The server may take a moment to notice that nobody will commit: until then a twin is at work.
    ({ status }) => status !== 409,
  )
  expect(again.status).toBe(202)
  expect(again.headers.get('idempotent-replayed')).toBeNull()
  const after = await calls()
  expect(after.filter((id) => !before.includes(id))).toEqual([again.body.id])
  await once(again.body.id)
}, 30_000)
