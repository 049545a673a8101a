import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { cors } from '../../src/hooks/cors.ts'
import { httpsRedirect } from '../../src/hooks/https-redirect.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { saneRequest } from '../../src/hooks/sane-request.ts'
import { securityHeaders } from '../../src/hooks/security-headers.ts'
import { securityHeaderNames } from '../support/security-headers.ts'

describe('securityHeaders()', () => {
  test('puts all of them on an answer, HSTS only where it was asked for', async () => {
    const plain = await securityHeaders().handle(new Request('http://localhost/'))
    for (const name of securityHeaderNames) expect(plain.headers.get(name)).toBeTruthy()
    expect(plain.headers.has('strict-transport-security')).toBe(false)
    const secure = await securityHeaders({ hstsMaxAge: 60 }).handle(
      new Request('http://localhost/'),
    )
    expect(secure.headers.get('strict-transport-security')).toBe('max-age=60; includeSubDomains')
  })

  test('keeps caches away from the paths that it is told, and from no others', async () => {
    const app = new Elysia().use(securityHeaders({ noStore: ['/api'] })).get('*', () => '')
    const caching = async (path: string) =>
      (await app.handle(new Request(`http://localhost${path}`))).headers.get('cache-control')
    expect(await caching('/api')).toBe('no-store')
    expect(await caching('/api/calls?x=1')).toBe('no-store')
    expect(await caching('/apiary')).toBeNull()
  })

  test('refuses an hstsMaxAge that is no number of seconds', () => {
    expect(() => securityHeaders({ hstsMaxAge: -1 })).toThrow('-1')
  })
})

describe('saneRequest()', () => {
  const app = new Elysia()
    .use(saneRequest({ allowedHosts: ['localhost', '[::1]'], anyHost: ['/health/live'] }))
    .use(problemDetails())
    .get('/live', () => 'wrong')
    .get('/health/live', () => 'live')
  const cases = [
    ['http://localhost:3000/health/live', 200],
    ['http://LOCALHOST/live', 200],
    ['http://[::1]:3000/live', 200],
    ['http://10.1.2.3/health/live', 200],
    ['http://10.1.2.3/live', 421],
    ['http://localhost.evil.example/live', 421],
    // Elysia would take this path for /live.
    ['http://x/a/health/live', 400],
  ] as const
  for (const [url, status] of cases)
    test(`answers ${status} to ${url}`, async () => {
      expect((await app.handle(new Request(url))).status).toBe(status)
    })
})

describe('httpsRedirect()', () => {
  const app = new Elysia()
    .use(
      httpsRedirect({
        isSecure: () => false,
        publicUrl: new URL('https://caly.example:8443'),
        exempt: ['/health/live'],
      }),
    )
    .get('/health/live', () => 'live')
  const ask = (url: string) => app.handle(new Request(url, { method: 'GET', redirect: 'manual' }))

  test('sends plain HTTP to the same path and query over HTTPS, with 308', async () => {
    const response = await ask('http://caly.example/api/calls?limit=1')
    expect(response.status).toBe(308)
    expect(response.headers.get('location')).toBe('https://caly.example:8443/api/calls?limit=1')
  })

  test('keeps another allowed host, on its usual port', async () => {
    const response = await ask('http://other.example:3000/api')
    expect(response.headers.get('location')).toBe('https://other.example/api')
  })

  test('leaves probes alone', async () => {
    expect((await ask('http://10.0.0.7/health/live')).status).toBe(200)
  })
})

describe('cors()', () => {
  const app = new Elysia()
    .use(cors({ origins: ['https://app.example'] }))
    .use(problemDetails())
    .get('/', () => 'here')
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    app.handle(new Request(`http://localhost${path}`, { method, headers }))

  test('lets a listed origin read answers and problems', async () => {
    for (const path of ['/', '/nothing-here']) {
      const { headers } = await ask('GET', path, { origin: 'https://app.example' })
      expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
      expect(headers.get('vary')).toBe('Origin')
    }
  })

  test('answers a preflight with 204', async () => {
    const response = await ask('OPTIONS', '/', {
      origin: 'https://app.example',
      'access-control-request-method': 'GET',
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toContain('PATCH')
  })

  test('says nothing to other origins', async () => {
    const { headers } = await ask('GET', '/', { origin: 'https://evil.example' })
    expect(headers.has('access-control-allow-origin')).toBe(false)
  })
})
