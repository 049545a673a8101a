/** What every answer has, whatever it says: black box, on whichever runtime is under test. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type Caly, startCaly } from '../support/process.ts'
import { securityHeaderNames } from '../support/security-headers.ts'

let caly: Caly
let admin: Client

beforeAll(async () => {
  caly = await startCaly({ env: { CORS_ORIGINS: 'https://app.example' } })
  admin = await adminOf(caly)
}, 90_000)
afterAll(async () => {
  expect(await caly.stop()).toBe(0)
}, 30_000)

const big = `"${'x'.repeat(1_100_000)}"`
const answers = [
  ['the index', 'GET', '/api', 200],
  ['a HEAD', 'HEAD', '/api', 200],
  ['liveness', 'GET', '/health/live', 200],
  ['readiness', 'GET', '/health/ready', 200],
  ['details, to a developer', 'GET', '/health/detailed', 200],
  ['figures, to a developer', 'GET', '/health/metrics', 200],
  ['metrics, to a developer', 'GET', '/metrics', 200],
  ['the reference', 'GET', '/docs', 200],
  ['its document', 'GET', '/docs/json', 200],
  ['its script', 'GET', '/docs/assets/swagger-ui-bundle.js', 200],
  ['OPTIONS', 'OPTIONS', '/api/calls', 204],
  ['an unreadable body', 'POST', '/api/auth/login', 400, '{"email":', 'MALFORMED_BODY'],
  ['a stranger', 'GET', '/api/calls', 401, undefined, 'AUTHENTICATION_REQUIRED'],
  [
    'a wrong password',
    'POST',
    '/api/auth/login',
    401,
    '{"email":"nobody@example.com","password":"wrong"}',
    'INVALID_CREDENTIALS',
  ],
  ['an unknown path', 'GET', '/nothing-here', 404, undefined, 'NOT_FOUND'],
  ['an unknown path below the API', 'GET', '/api/nothing-here', 404, undefined, 'NOT_FOUND'],
  ['a path with a slash too many', 'GET', '/api/calls/', 404, undefined, 'NOT_FOUND'],
  ['a wrong webhook secret', 'POST', '/api/webhooks/exotel/guess', 404, '{}', 'NOT_FOUND'],
  ['a wrong method', 'DELETE', '/api', 405, undefined, 'METHOD_NOT_ALLOWED'],
  ['a body above the limit', 'POST', '/api/auth/login', 413, big, 'PAYLOAD_TOO_LARGE'],
  ['an invalid body', 'POST', '/api/auth/login', 422, '{"email":1}', 'VALIDATION_FAILED'],
] as const

describe('every answer', () => {
  for (const [what, method, path, status, body, code] of answers)
    test(`to ${what} is ${status}, with the security headers and a request id`, async () => {
      const answer = await clientOf(caly)(method, path, body)
      expect(answer.status).toBe(status)
      for (const name of securityHeaderNames) expect(answer.headers.get(name)).toBeTruthy()
      expect(answer.headers.get('x-frame-options')).toBe('DENY')
      expect(answer.headers.get('x-xss-protection')).toBe('0')
      expect(answer.headers.get('x-request-id')).toMatch(/^[\w.-]{8,128}$/)
      expect(answer.headers.has('server')).toBe(false)
      expect(answer.headers.has('x-powered-by')).toBe(false)
      if (path.startsWith('/api')) expect(answer.headers.get('cache-control')).toBe('no-store')
      if (code === undefined) return
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.body).toMatchObject({
        status,
        code,
        requestId: answer.headers.get('x-request-id'),
      })
      expect(answer.headers.has('allow')).toBe(status === 405)
    })

  test('to a body of the wrong type is 415', async () => {
    const { status, body } = await clientOf(caly)('POST', '/api/auth/login', 'a=b', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(status).toBe(415)
    expect(body.code).toBe('UNSUPPORTED_MEDIA_TYPE')
  })

  test('to an origin that is listed can be read by its pages, also where it is an error', async () => {
    const { headers } = await clientOf(caly)('GET', '/api/calls', undefined, {
      origin: 'https://app.example',
    })
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('carries the id that the caller gave', async () => {
    const { headers } = await clientOf(caly)('GET', '/api', undefined, {
      'x-request-id': 'order-4711',
    })
    expect(headers.get('x-request-id')).toBe('order-4711')
  })
})

describe('a host', () => {
  const get = (path: string, host: string) =>
    sendRaw(caly.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)

  test('that is not served here is answered 421, except to probes and scrapers', async () => {
    const misdirected = await get('/api', 'evil.example')
    expect(misdirected).toStartWith('HTTP/1.1 421')
    expect(misdirected?.toLowerCase()).toContain('x-content-type-options: nosniff')
    expect(await get('/health/live', '10.1.2.3')).toStartWith('HTTP/1.1 200')
    expect(await get('/health/ready', '10.1.2.3')).toStartWith('HTTP/1.1 200')
    expect(await get('/health/detailed', '10.1.2.3')).toStartWith('HTTP/1.1 421')
  })

  test('that would have Elysia read another path is answered 400', async () => {
    expect(await get('/a/health/live', 'x')).toStartWith('HTTP/1.1 400')
  })

  test('from outside of this machine is no developer', async () => {
    expect(await get('/metrics', '10.1.2.3')).toStartWith('HTTP/1.1 401')
  })
})

describe('operators only', () => {
  test('a developer behind a proxy is nobody', async () => {
    const { status } = await clientOf(caly)('GET', '/metrics', undefined, {
      'x-forwarded-for': '127.0.0.1',
    })
    expect(status).toBe(401)
  })

  test('an admin of the platform is let in', async () => {
    expect((await admin('GET', '/health/detailed')).status).toBe(200)
  })

  test('a wrong token is refused, also from this machine', async () => {
    expect((await clientOf(caly, 'not-the-token')('GET', '/metrics')).status).toBe(401)
  })
})

test('the reference loads nothing from elsewhere', async () => {
  const { body, headers } = await clientOf(caly)('GET', '/docs')
  expect(body).not.toMatch(/(src|href)="(https?:)?\/\//)
  expect(headers.get('content-security-policy')).toContain("script-src 'self'")
})

test('the document is valid OpenAPI, and tells of each operation how it ends well and badly', async () => {
  const { body: document } = await clientOf(caly)('GET', '/docs/json')
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
  expect(document.openapi).toBe('3.1.0')
  for (const [path, item] of Object.entries<Record<string, { responses: object }>>(document.paths))
    for (const [method, { responses }] of Object.entries(item)) {
      const statuses = Object.keys(responses)
      const operation = `${method} ${path}`
      expect([operation, statuses.some((status) => status < '300')]).toEqual([operation, true])
      if (path.startsWith('/api/') && path !== '/api/webhooks/exotel/{secret}')
        expect([operation, statuses.some((status) => status >= '400')]).toEqual([operation, true])
    }
  expect(JSON.stringify(document)).not.toContain('~standard')
})

test('nothing that a client sent stands in an answer or in the log', async () => {
  const canary = 'hunter2-canary-4711'
  const requests = [
    ['GET', `/${canary}`],
    ['GET', `/api/calls?status=${canary}`],
    ['GET', `/api/calls?${canary}=1`],
    ['GET', `/api/calls/${canary}`],
    ['POST', '/api/calls', { from: canary, to: canary, [canary]: canary }],
    ['POST', '/api/calls', `{"from": ${canary}`],
    ['POST', '/api/auth/login', { email: `${canary}@example.com`, password: canary }],
    ['POST', `/api/webhooks/exotel/${canary}`, { canary }],
    ['DELETE', `/api/keys/${canary}`],
  ] as const
  for (const [method, path, body] of requests) {
    const headers = { 'x-canary': canary, cookie: `session=${canary}`, 'idempotency-key': canary }
    const answer = await admin(method, path, body, headers)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(JSON.stringify(answer.body)).not.toContain(canary)
  }
  expect(caly.output()).not.toContain(canary)
})
