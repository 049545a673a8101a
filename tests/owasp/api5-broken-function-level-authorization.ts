/** API5:2023. Who may use which function, by a table of its own; and every way round the table. */
import { describe, expect, test } from 'bun:test'
import { type PlainAnswer, send } from '../support/http.ts'
import { nobodysId, words } from './surface.ts'
import type { Tenants } from './tenants.ts'

type Who = 'admin' | 'operator' | 'auditor'

/** Written by hand: whose business a route is. `own` routes are about the service: the platform's alone. */
const table: Readonly<Record<string, readonly [users: readonly Who[], own?: 'own']>> = {
  'GET /health/detailed': [['admin', 'operator'], 'own'],
  'GET /health/metrics': [['admin', 'operator'], 'own'],
  'GET /metrics': [['admin', 'operator'], 'own'],
  'GET /api/auth/me': [['admin', 'operator', 'auditor']],
  'POST /api/auth/password': [['admin', 'operator', 'auditor']],
  'GET /api/users': [['admin']],
  'POST /api/users': [['admin']],
  'PATCH /api/users/{id}': [['admin']],
  'DELETE /api/users/{id}': [['admin']],
  'GET /api/keys': [['admin']],
  'POST /api/keys': [['admin']],
  'DELETE /api/keys/{id}': [['admin']],
  'GET /api/calls': [['admin', 'operator', 'auditor']],
  'POST /api/calls': [['admin', 'operator']],
  'POST /api/calls/search': [['admin', 'operator', 'auditor']],
  'GET /api/calls/stats': [['admin', 'operator', 'auditor']],
  'GET /api/calls/{id}': [['admin', 'operator', 'auditor']],
  'PATCH /api/calls/{id}': [['admin', 'operator']],
  'DELETE /api/calls/{id}': [['admin', 'operator']],
  'GET /api/calls/{id}/recording': [['admin', 'operator']],
  'GET /api/audit': [['admin', 'auditor']],
  'GET /api/audit/export': [['admin', 'auditor']],
  'GET /api/audit/verify': [['admin', 'auditor']],
  'GET /api/scans': [['admin', 'operator', 'auditor'], 'own'],
  'POST /api/scans': [['admin'], 'own'],
  'GET /api/scans/{id}': [['admin', 'operator', 'auditor'], 'own'],
  'GET /api/vulnerabilities': [['admin', 'operator', 'auditor'], 'own'],
}

/** Without credentials, on purpose: logins, probes, the index, and what a secret of its own protects. */
const open = [
  ...['GET /health/live', 'GET /health/ready', 'GET /api'],
  ...['POST /api/auth/login', 'POST /api/auth/refresh', 'POST /api/auth/logout'],
  ...['GET /api/webhooks/exotel/{secret}', 'POST /api/webhooks/exotel/{secret}'],
]

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'ADMIN']

/** Other ways to write `/api/users`, which a guard in front may let pass. */
const disguises = words(`
  /API/users /api/Users /api/users/ /api//users //api/users /api/./users /api/x/../users
  /api/calls/..;/users /api/users;admin=1 /api/users%2f /api/%75sers /api/users.json
  /api/users%20 /api/users%00 /api/users%09 /api/users/. /api\\users /api/users/all
  /api/users/export_all /api/admin/users /api/v1/users /users /api/calls/%2e%2e/users
`)

const claims = {
  ...{ 'x-role': 'admin', 'x-user-role': 'admin', 'x-scopes': 'users:write', 'x-admin': 'true' },
  ...{ 'x-forwarded-user': 'admin', 'x-remote-user': 'admin', cookie: 'role=admin; admin=true' },
  ...{
    'x-original-url': '/api/calls',
    'x-rewrite-url': '/api/calls',
    'x-forwarded-prefix': '/api',
  },
  ...{
    'x-internal': '1',
    'x-debug': '1',
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
  },
}

/** Registers its attempts. */
export function functionLevelAuthorization(stage: Tenants): void {
  const { api, attacker, caly, platform } = stage
  const { auditor, operator } = attacker.users
  const ask = (token: string, method: string, path: string, headers = {}) =>
    send(caly.port, { method, path, headers: { authorization: `Bearer ${token}`, ...headers } })
  /** A method that the runtime does not know ends the connection with its own refusal, or without one. */
  const tryOut = (token: string, method: string, path: string) =>
    ask(token, method, path).catch(() => ({ status: 400, headers: {}, body: '' }) as PlainAnswer)
  const filled = (path: string) => path.replace(/\{\w+\}/, nobodysId)

  describe('API5:2023 Broken Function Level Authorization', () => {
    test('the table here names every route of the reference, and no other', () => {
      const named = [...Object.keys(table), ...open]
      expect(api.targets.map(({ route }) => route).toSorted()).toEqual(named.toSorted())
    })

    for (const [route, [users, own]] of Object.entries(table))
      test(`${route} lets in ${users.join(', ')}${own ? ' of the platform' : ''}, and no other role or client`, async () => {
        const [method = '', path = ''] = route.split(' ')
        const body = method === 'GET' || method === 'DELETE' ? undefined : { unknown: 'field' }
        const answers: Record<string, boolean> = {}
        const wanted: Record<string, boolean> = {}
        for (const { name, isPlatform, users: people } of [platform, attacker])
          for (const role of ['admin', 'operator', 'auditor'] as const) {
            const { status } = await people[role].ask(method, filled(path), body)
            answers[`${role} of ${name}`] = status !== 403
            wanted[`${role} of ${name}`] = users.includes(role) && (isPlatform || own === undefined)
            expect([401, 500]).not.toContain(status)
          }
        expect(answers).toEqual(wanted)
        expect((await send(caly.port, { method, path: filled(path) })).status).toBe(401)
      })

    test('no other method does on a path what its own methods do: all are refused, and HEAD shows no more than GET', async () => {
      for (const [path, known] of api.paths)
        for (const method of methods.filter((one) => !known.includes(one))) {
          const { status, headers, body } = await tryOut(auditor.token, method, filled(path))
          if (method === 'HEAD' && known.includes('GET')) {
            const seen = await ask(auditor.token, 'GET', filled(path))
            expect([method, path, status, body]).toEqual([method, path, seen.status, ''])
            continue
          }
          // A method that the runtime does not know it answers by itself.
          expect([method, path, [400, 405, 501].includes(status)]).toEqual([method, path, true])
          if (status !== 405) continue
          const allowed = String(headers['allow']).split(', ')
          const named = [...known, 'OPTIONS', ...(known.includes('GET') ? ['HEAD'] : [])]
          expect([path, allowed.toSorted()]).toEqual([path, named.toSorted()])
        }
    })

    test('no header or parameter makes another method of a request', async () => {
      const path = `/api/calls/${stage.ownCall}`
      const query = '?_method=DELETE&method=DELETE'
      for (const name of [
        'x-http-method-override',
        'x-http-method',
        'x-method-override',
        'x-method',
      ])
        for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
          await ask(operator.token, method, path + query, { [name]: 'DELETE' })
      expect((await operator.ask('GET', path)).status).toBe(200)
      const list = await ask(auditor.token, 'POST', '/api/calls', {
        'x-http-method-override': 'GET',
      })
      expect(list.status).not.toBe(200)
    })

    test('no other spelling of an admin’s path, and no guess at one, is answered to those below', async () => {
      for (const token of ['', auditor.token, operator.token])
        for (const path of disguises) {
          const { status, body } = await ask(token, 'GET', path)
          expect([path, status >= 400 && status < 500]).toEqual([path, true])
          expect(body).not.toContain(attacker.users.admin.email)
        }
    })

    test('who says in a header to be an admin, or to ask for another path or from this machine, is not believed', async () => {
      for (const [name, value] of Object.entries(claims))
        for (const path of ['/api/users', '/api/keys', '/health/detailed', '/metrics']) {
          const { status } = await ask(operator.token, 'GET', path, { [name]: value })
          expect([name, path, status]).toEqual([name, path, 403])
          const stranger = await send(caly.port, {
            method: 'GET',
            path,
            headers: { [name]: value },
          })
          expect([name, path, stranger.status]).toEqual([name, path, 401])
        }
    })

    test('nobody raises themselves: not their role, by a new user, or by a key', async () => {
      const newUser = {
        email: 'rise@attacker.example',
        name: 'Rise',
        role: 'admin',
        password: 'four words that rise',
      }
      for (const user of [operator, auditor]) {
        const tries = [
          user.ask('PATCH', `/api/users/${user.id}`, { role: 'admin' }),
          user.ask('POST', '/api/users', newUser),
          user.ask('POST', '/api/keys', { name: 'rise', scopes: ['calls:read'] }),
        ]
        for (const { status } of await Promise.all(tries)) expect(status).toBe(403)
        expect((await user.ask('GET', '/api/users')).status).toBe(403)
      }
    })
  })
}
