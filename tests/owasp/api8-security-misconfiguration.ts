/** API8:2023. What a service tells that it should not, and leaves open that was for developers. */
import { describe, expect, test } from 'bun:test'
import { rules } from '../security/matrix.ts'
import { send } from '../support/http.ts'
import { securityHeaderNames } from '../support/security-headers.ts'
import { addressLimit, type Exposed, listedOrigin } from './exposed.ts'
import { nobodysId, words } from './surface.ts'

const foreignOrigins = words(`
  null https://evil.example https://app.example.evil.example https://evilapp.example
  http://app.example https://app.example:8443 https://sub.app.example https://APP.example.
  https://app.example@evil.example file:// chrome-extension://abc https://caly.example
`)

/** Registers its attempts. */
export function configuration(stage: Exposed): void {
  const { admin, bob, caly, canary, from, guarded, newAddress } = stage
  const filled = (path: string) => path.replace(/\{\w+\}/, nobodysId)
  const routes = rules.map(({ route }) => {
    const [method = '', path = ''] = route.split(' ')
    return { route, method, path: filled(path) }
  })
  let asked = 0
  let address = newAddress()
  /** As a proxy passes it on, with any header at all; from an address that is never at its limit. */
  const raw = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ) => {
    asked += 1
    if (asked % addressLimit === 0) address = newAddress()
    return send(caly.port, {
      ...{ method, path },
      headers: { 'x-forwarded-for': address, 'x-forwarded-proto': 'https', ...headers },
      ...(body !== undefined && { body }),
    })
  }

  describe('API8:2023 Security Misconfiguration', () => {
    test('every route answers with the security headers, over HTTPS for two years, names no software and sets no cookie', async () => {
      for (const { route, method, path } of routes) {
        const { headers } = await raw(method, path)
        for (const name of securityHeaderNames)
          expect([route, name in headers]).toEqual([route, true])
        expect([route, headers['strict-transport-security']]).toEqual([
          route,
          'max-age=63072000; includeSubDomains',
        ])
        for (const name of ['server', 'x-powered-by', 'set-cookie', 'x-aspnet-version', 'via'])
          expect([route, name, name in headers]).toEqual([route, name, false])
        if (path.startsWith('/api'))
          expect([route, headers['cache-control']]).toEqual([route, 'no-store'])
      }
    })

    test('over plain HTTP no route does anything but lead to HTTPS, at this host alone', async () => {
      const plain = { 'x-forwarded-proto': 'http', authorization: `Bearer ${admin.token}` }
      for (const { route, method, path } of routes.filter(
        ({ path }) => !/^\/(health\/(live|ready)|metrics)$/.test(path),
      )) {
        const { status, headers, body } = await raw(method, path, {
          ...plain,
          'x-forwarded-host': 'evil.example',
        })
        expect([route, status, headers['location'], body]).toEqual([
          route,
          308,
          `https://localhost${path}`,
          '',
        ])
      }
    })

    test('what is there for developers is off: reference, console, trust in this very machine', async () => {
      for (const path of words(
        '/docs /docs/json /docs/assets/swagger-ui.css /docs/ /swagger /simulator/calls',
      ))
        expect([
          path,
          (await raw('GET', path, { authorization: `Bearer ${admin.token}` })).status,
        ]).toEqual([path, 404])
      for (const path of words('/metrics /health/detailed /health/metrics')) {
        const headers = { 'x-forwarded-proto': 'https' }
        const { status } = await send(caly.port, { method: 'GET', path, headers })
        expect([path, status]).toEqual([path, 401])
      }
      expect((await from()('GET', '/api')).body.docs).toBeNull()
    })

    test('no origin but the listed one may read an answer, and none with cookies', async () => {
      for (const { method, path } of routes) {
        for (const origin of foreignOrigins) {
          const { headers } = await raw(method, path, { origin })
          expect([origin, headers['access-control-allow-origin']]).toEqual([origin, undefined])
        }
        const { headers } = await raw(method, path, { origin: listedOrigin })
        expect(headers['access-control-allow-origin']).toBe(listedOrigin)
        expect(headers['access-control-allow-credentials']).toBeUndefined()
        expect(String(headers['vary'])).toContain('Origin')
      }
      for (const origin of foreignOrigins) {
        const { headers } = await raw('OPTIONS', '/api/calls', {
          origin,
          'access-control-request-method': 'DELETE',
        })
        expect([origin, headers['access-control-allow-methods']]).toEqual([origin, undefined])
      }
    })

    test('another host in any header is refused or left alone, and stands in no answer', async () => {
      const evil = 'evil.example'
      for (const host of [
        evil,
        `localhost.${evil}`,
        `${evil}:443`,
        'caly.example.',
        '127.0.0.2',
        `caly.example@${evil}`,
        ' ',
      ]) {
        const { status, body } = await raw('GET', '/api', { host })
        expect([host, status === 421 || status === 400]).toEqual([host, true])
        expect(body).not.toContain(evil)
      }
      const names = words(
        'x-forwarded-host x-host x-original-host x-forwarded-server forwarded x-original-url x-rewrite-url referer base-url',
      )
      for (const name of names)
        for (const [method, path] of [
          ['GET', '/api'],
          ['POST', '/api/calls'],
        ] as const) {
          const answer = await raw(method, path, {
            ...{
              [name]: name === 'forwarded' ? `host=${evil}` : `https://${evil}/`,
              authorization: `Bearer ${bob.token}`,
            },
          })
          expect([name, JSON.stringify(answer).includes(evil)]).toEqual([name, false])
        }
    })

    test('no route takes a body of a type that it is not made for', async () => {
      const types = words(
        'text/plain text/html application/xml text/xml application/x-www-form-urlencoded multipart/form-data;boundary=x application/yaml application/x-yaml application/octet-stream text/json application/jsonp',
      )
      for (const { route } of rules.filter(({ body }) => body !== undefined)) {
        const [method = '', path = ''] = route.split(' ')
        if (path.includes('webhooks')) continue
        for (const type of types) {
          const headers = { 'content-type': type, 'x-forwarded-for': newAddress() }
          const { status } = await raw(method, filled(path), headers, '{}')
          expect([route, type, status]).toEqual([
            route,
            type,
            guarded.some((one) => one.route === route) ? status : 415,
          ])
          expect([401, 415]).toContain(status)
        }
      }
    })

    test('nothing that stands in a header is looked up or fetched', async () => {
      const url = `http://127.0.0.1:${canary.port}/`
      const names = words(
        'user-agent referer x-api-version x-forwarded-host origin from via x-wap-profile x-callback-url accept traceparent x-request-id',
      )
      for (const name of names)
        for (const value of [url, `\${jndi:ldap://127.0.0.1:${canary.port}/a}`])
          await raw('GET', '/api', { [name]: value })
      expect(canary.hits()).toBe(0)
    })
  })
}
