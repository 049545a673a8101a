/** API9:2023. What answers is in the reference, what is in the reference answers, and nothing else is left over. */
import { describe, expect, test } from 'bun:test'
import manifest from '../../package.json' with { type: 'json' }
import { send } from '../support/http.ts'
import { isAt, nobodysId, words } from './surface.ts'
import type { Tenants } from './tenants.ts'

/** Where other services keep old versions, tools of their makers, and what was forgotten. */
const guesses = words(`
  / /index.html /robots.txt /favicon.ico /sitemap.xml /crossdomain.xml /.well-known/security.txt
  /v1 /v2 /api/v0 /api/v1 /api/v1/calls /api/v2/calls /v1/calls /api/beta/calls /api/old/calls
  /api/internal /api/internal/users /api/private /api/test /api/dev /api/debug /api/mobile/calls
  /debug /debug/pprof /debug/vars /trace /heapdump /threaddump /env /info /status /server-status
  /actuator /actuator/env /actuator/heapdump /console /h2-console /manager/html /jolokia
  /_debugbar /admin /admin/login /api/admin /api/admin/users /administrator /dashboard
  /phpmyadmin /wp-login.php /graphql /graphiql /playground /api/graphql /rpc /soap /trpc /ws
  /socket.io/ /events /swagger /swagger.json /swagger-ui /openapi /openapi.json /openapi.yaml
  /api-docs /v3/api-docs /redoc /api/docs /api/swagger.json /.env /.env.production /.git/config
  /.git/HEAD /.svn/entries /.npmrc /.DS_Store /.aws/credentials /.caly /.caly/key /package.json
  /bun.lock /tsconfig.json /src/main.ts /node_modules /Dockerfile /compose.yaml /backup.zip
  /dump.sql /db.sqlite /api/auth /api/auth/register /api/auth/signup /api/auth/forgot
  /api/auth/reset /api/auth/token /api/auth/verify /api/auth/session /api/auth/impersonate
  /oauth/token /login /register /api/clients /api/tenants /api/roles /api/scopes /api/config
  /api/settings /api/logs /api/jobs /api/queues /api/webhooks /api/webhooks/exotel /api/events
  /api/health /api/metrics /api/version /health /healthz /livez /readyz /ping /metrics/prometheus
  /prometheus /stats /simulator/calls /simulator/dial /exotelrecordings /v1/Accounts/x/Calls
`)

/** What may stand behind any path that there is. */
const endings = words('/export /all /bulk /import /count /debug .json .xml .bak ~ /')

/** Registers its attempts. */
export function inventory(stage: Tenants): void {
  const { api, caly, platform } = stage
  const authorization = `Bearer ${platform.users.admin.token}`
  const ask = (method: string, path: string) =>
    send(caly.port, { method, path, headers: { authorization } })
  const filled = (path: string) => path.replace(/\{\w+\}/, nobodysId)

  describe('API9:2023 Improper Inventory Management', () => {
    test('every route of the reference answers', async () => {
      for (const { method, path, route } of api.targets) {
        const { status, body } = await send(caly.port, { method, path: filled(path) })
        // A path without a route has no `instance`.
        const isRouted = status !== 404 || JSON.parse(body).instance !== undefined
        expect([route, status !== 405 && isRouted]).toEqual([route, true])
      }
    })

    test('no path that an attacker would guess at answers, with every right there is: old versions, tools, files, forgotten flows', async () => {
      const known = new Set(api.paths.keys())
      for (const path of guesses.filter((one) => !known.has(one)))
        for (const method of ['GET', 'POST']) {
          const { status, body } = await ask(method, path)
          expect([method, path, status]).toEqual([method, path, 404])
          expect(JSON.parse(body).instance).toBeUndefined()
        }
    })

    test('nothing lies below or beside the paths of the reference', async () => {
      for (const path of api.paths.keys())
        for (const ending of endings) {
          const guess = `${path}${ending}`
          if (api.paths.has(guess)) continue
          // What is a parameter takes any text: an id or a secret that is nobody's.
          const isParameter = [...api.paths.keys()].some((one) => isAt(one, guess))
          const { status } = await ask('GET', guess.replace(/\{\w+\}/, nobodysId))
          const expected = isParameter ? [404, 405, 422] : [404]
          expect([guess, status, expected.includes(status)]).toEqual([guess, status, true])
        }
    })

    test('there is one version: the reference, the index and the package tell the same, and nothing is deprecated', async () => {
      const document = JSON.parse((await ask('GET', '/docs/json')).body)
      const index = JSON.parse((await ask('GET', '/api')).body)
      expect([document.info.version, index.version]).toEqual([manifest.version, manifest.version])
      expect(JSON.stringify(document)).not.toContain('"deprecated"')
      expect([...api.paths.keys()].filter((path) => /\/v\d|beta|internal|old/.test(path))).toEqual(
        [],
      )
    })

    test('the version is told by the index and to operators, and stands in no other answer or header', async () => {
      const tells = new Set(['/api', '/health/detailed', '/metrics'])
      for (const { method, path } of api.targets.filter((target) => !tells.has(target.path))) {
        const { headers, body } = await send(caly.port, { method, path: filled(path) })
        const text = `${JSON.stringify(headers)}${body}`
        for (const word of [manifest.version, 'Elysia', 'Bun', 'Deno'])
          expect([path, word, text.includes(word)]).toEqual([path, word, false])
      }
    })

    test('each route is described: an id, a summary, a tag, who may use it, and how it ends', async () => {
      const { paths } = JSON.parse((await ask('GET', '/docs/json')).body)
      for (const { route, method, path, isOpen } of api.targets) {
        const operation = paths[path][method.toLowerCase()]
        const { operationId, summary, tags, responses, description = '' } = operation
        expect([route, Boolean(operationId && summary && tags?.length > 0)]).toEqual([route, true])
        expect([route, description === '' || description.length > 10]).toEqual([route, true])
        if (!isOpen) expect([route, '401' in responses]).toEqual([route, true])
      }
    })
  })
}
