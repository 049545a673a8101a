/** A commit of which nobody knows whether it happened: the same key settles it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createServer } from 'node:http'
import type { Client } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { callerId } from '../support/exotel.ts'
import { eventually, freePort } from '../support/process.ts'
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

test('where it is lost that a placing was written down, it is written again, and the trail tells of it once', async () => {
  let lost: Promise<void> | undefined
  let over: ProxiedCaly | undefined
  const provider = createServer((request, response) => {
    const isPlacing = request.url?.endsWith('/Calls/connect.json') ?? false
    // The next that the service commits is the answer to this.
    if (isPlacing) lost = over?.proxy.cutAt('after', commit)
    const call = { Sid: 'ca1y0000000000000000000000004711', Status: 'in-progress' }
    response.writeHead(isPlacing ? 200 : 404, { 'content-type': 'application/json' })
    request.resume().on('end', () => response.end(JSON.stringify({ Call: call })))
  })
  const port = await freePort()
  provider.listen(port, '127.0.0.1')
  try {
    over = await startProxiedCaly({
      CALY_PROVIDER: 'exotel',
      EXOTEL_SID: 'exampletenant1',
      EXOTEL_API_KEY: 'a-key-of-this-test',
      EXOTEL_API_TOKEN: 'a-token-of-this-test',
      EXOTEL_SUBDOMAIN: `http://127.0.0.1:${port}`,
      EXOTEL_CALLER_ID: callerId,
      EXOTEL_WEBHOOK_SECRET: 'a-secret-of-this-test',
    })
    const rows = await openDatabaseOf({
      dataDir: over.caly.dataDir,
      env: { DATABASE_URL: over.databaseUrl },
    })
    try {
      const call = { from: '+919999900001', to: '+919999900010' }
      const { status, body: accepted } = await over.admin('POST', '/api/calls', call)
      expect([status, accepted.code]).toEqual([202, undefined])
      const job = `select state::text from pgboss.job where name = 'calls.place'`
      await eventually(
        () => rows.query(job),
        ([found]) => found?.['state'] === 'completed',
        20_000,
      )
      await lost
      const placed = `select count(*)::int as n from audit_logs
        where event_type = 'CALL_PLACED' and resource_id = $1`
      expect(await rows.query(placed, [accepted.id])).toEqual([{ n: 1 }])
      expect(over.caly.output()).toContain('DatabaseUnavailableError')
    } finally {
      await rows.close()
    }
  } finally {
    await over?.close()
    provider.close()
  }
}, 60_000)
