/** What a client writes where nobody expects it, and what a page in a browser may see. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, startCaly } from '../support/process.ts'

let caly: Caly
let admin: Client
let key: string

beforeAll(async () => {
  caly = await startCaly({ env: { CORS_ORIGINS: 'https://app.example.com' } })
  admin = await adminOf(caly)
  const made = await admin('POST', '/api/keys', { name: 'key', scopes: ['calls:read'] })
  key = made.body.key
}, 90_000)
afterAll(() => caly.stop(), 30_000)

test('a name of a client that holds secrets stands redacted in the audit trail', async () => {
  const agent = `app ada.canary@example.com +919876543210 token=audit-canary Bearer ${key}`
  const login = { email: 'nobody@example.com', password: 'wrong' }
  await clientOf(caly)('POST', '/api/auth/login', login, { 'user-agent': agent })
  const database = await openDatabaseOf(caly)
  const rows = await database.query('select user_agent from audit_logs')
  await database.close()
  const told = JSON.stringify(rows)
  expect(told).toContain('app [redacted:email] [redacted:phone]')
  for (const secret of ['canary', '9876543210', key]) expect(told).not.toContain(secret)
})

test('neither a credential nor a phone number is a request id', async () => {
  for (const told of [key, '919876543210', 'call-09876543210']) {
    const { headers } = await clientOf(caly)('GET', '/api', undefined, { 'x-request-id': told })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  }
})

test.each([
  ['GET', '/api/calls?from=0000-01-01', undefined],
  ['GET', '/api/calls?from=9999-12-31T23:59-23:59', undefined],
  ['GET', '/api/calls?to=0000-12-31', undefined],
  ['GET', '/api/calls/stats?from=0000-01-01&to=0000-02-01', undefined],
  ['POST', '/api/calls/search', { number: '+919876543210', from: '0000-01-01' }],
  [
    'POST',
    '/api/keys',
    { name: 'k', scopes: ['calls:read'], expiresAt: '9999-12-31T23:59:59-23:59' },
  ],
  ['PATCH', '/api/calls/01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00', { tags: ['a\u0000b'] }],
])('%s %s, which no table can hold, is answered 422', async (method, path, body) => {
  expect((await admin(method, path, body)).status).toBe(422)
})

test('a request of a sixty thousand fields is refused at once', async () => {
  const wide = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`f${index}`, 1]))
  const { status, body } = await clientOf(caly)('POST', '/api/auth/refresh', wide)
  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ path: 'body', code: 'too_many' }])
})

const asked = async (headers: Readonly<Record<string, string>>) =>
  (await clientOf(caly)('GET', '/health/metrics', undefined, headers)).status

test("the developer's own machine is let in, a page of another site on it is not", async () => {
  expect(await asked({})).toBe(200)
  expect(await asked({ 'sec-fetch-site': 'none' })).toBe(200)
  expect(await asked({ origin: 'https://app.example.com' })).toBe(401)
  expect(await asked({ 'sec-fetch-site': 'cross-site' })).toBe(401)
})
