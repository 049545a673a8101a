/**
 * The order in which the hooks run, shown from outside: each request breaks two rules at once, and
 * the answer tells which hook came first.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, clientOf } from '../support/client.ts'
import { type Caly, startCaly } from '../support/process.ts'

let redirecting: Caly
let exhausted: Caly
let blocking: Caly

beforeAll(async () => {
  ;[redirecting, exhausted, blocking] = await Promise.all([
    startCaly({ env: { FORCE_HTTPS: 'on', ALLOWED_HOSTS: 'localhost' } }),
    startCaly({ env: { RATE_LIMIT_GLOBAL: '1/1h' } }),
    startCaly({ env: { RATE_LIMIT_API: '2/1h', ANOMALY_MODE: 'block' } }),
  ])
}, 120_000)
afterAll(async () => {
  await Promise.all([redirecting, exhausted, blocking].map((caly) => caly.stop()))
}, 60_000)

const large = `"${'x'.repeat(1_100_000)}"`
const attack = '/api/calls?status=../../etc/passwd'

test('security headers come before the host is judged, and that before the HTTPS redirect', async () => {
  const elsewhere = { baseUrl: new URL(`http://127.0.0.1:${redirecting.port}`) }
  const { status, headers } = await clientOf(elsewhere)('GET', '/api')
  expect(status).toBe(421)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('the HTTPS redirect comes before the body limit', async () => {
  const { status, headers } = await clientOf(redirecting)('POST', '/api/calls', large)
  expect(status).toBe(308)
  expect(headers.get('location')).toBe('https://localhost/api/calls')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
})

test('the body limit comes before the global limit, and that before authentication', async () => {
  const stranger = clientOf(exhausted)
  await stranger('GET', '/api')
  expect((await stranger('POST', '/api/calls', large)).status).toBe(413)
  const limited = await stranger('GET', '/api/calls')
  expect(limited.status).toBe(429)
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(limited.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await stranger('GET', '/health/ready')).status).toBe(200)
})

test("authentication comes before anomaly inspection, that before validation, and a principal's limit before both", async () => {
  const stranger = clientOf(blocking)
  expect((await stranger('GET', attack)).status).toBe(401)
  const admin = await adminOf(blocking)
  expect((await admin('GET', attack)).status).toBe(403)
  expect((await admin('GET', '/api/calls?status=nonsense')).status).toBe(422)
  expect((await admin('GET', attack)).status).toBe(429)
})

test('validation comes before the handler', async () => {
  const { status } = await clientOf(blocking)('POST', '/api/auth/login', { email: 'x' })
  expect(status).toBe(422)
})
