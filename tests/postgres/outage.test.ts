/** The service while its PostgreSQL is unreachable in the worst way: connected, and silent. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Client, clientOf } from '../support/client.ts'
import { type Caly, eventually } from '../support/process.ts'
import { type ProxiedCaly, startProxiedCaly } from '../support/proxied.ts'
import type { TcpProxy } from '../support/tcp-proxy.ts'

let started: ProxiedCaly
let proxy: TcpProxy
let caly: Caly
let admin: Client

beforeAll(async () => {
  // All limits are the defaults: sixty requests must find their own end.
  started = await startProxiedCaly()
  ;({ proxy, caly, admin } = started)
}, 60_000)
afterAll(() => started.close(), 60_000)

test('a swallowed database leaves live alone, turns ready, ends each request, and is forgotten within 10 s', async () => {
  expect((await admin('GET', '/api/calls')).status).toBe(200)
  await proxy.set('swallow')
  const requests = Array.from({ length: 60 }, () => admin('GET', '/api/calls'))

  const asked = performance.now()
  const live = await clientOf(caly)('GET', '/health/live')
  expect(live.status).toBe(200)
  expect(performance.now() - asked).toBeLessThan(500)

  const ready = await eventually(
    async () => {
      const started = performance.now()
      const answer = await clientOf(caly)('GET', '/health/ready')
      expect(performance.now() - started).toBeLessThan(1000)
      return answer
    },
    ({ status }) => status === 503,
    3000,
  )
  expect(ready.body.checks.database.status).toBe('fail')

  for (const { status, headers, body } of await Promise.all(requests)) {
    expect(status).toBe(503)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('retry-after')).toBeTruthy()
    expect(['DATABASE_UNAVAILABLE', 'OVERLOADED']).toContain(body.code)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }

  await proxy.set('pass')
  const returned = performance.now()
  await eventually(
    async () => Promise.all(Array.from({ length: 30 }, () => admin('GET', '/api/calls'))),
    (answers) => answers.every(({ status }) => status === 200),
    10_000,
  )
  expect(performance.now() - returned).toBeLessThan(10_000)
  expect((await clientOf(caly)('GET', '/health/ready')).status).toBe(200)
}, 90_000)

test('a database that refuses connections is the same, and comes back', async () => {
  await proxy.set('refuse')
  await eventually(
    () => clientOf(caly)('GET', '/health/ready'),
    ({ status }) => status === 503,
    3000,
  )
  const { status, body } = await admin('GET', '/api/calls')
  expect(status).toBe(503)
  expect(body.code).toBe('DATABASE_UNAVAILABLE')
  await proxy.set('pass')
  await eventually(
    () => admin('GET', '/api/calls'),
    (answer) => answer.status === 200,
    10_000,
  )
}, 60_000)
