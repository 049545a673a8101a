/** Who may use which route: declared here by hand, and held against what the service does. */
import type { Scope } from '../../src/auth/index.ts'

/** What a route demands: nothing, any principal, a logged-in user, or a scope. */
export type Demand = 'nothing' | 'a principal' | 'a user' | Scope

/** One route, and a request that tells whether one is let in without changing anything. */
export interface Rule {
  /** As the API's document writes it: `GET /api/calls/{id}`. */
  readonly route: string
  readonly demands: Demand
  /** What is sent; ids in the path are well-formed and nobody's. */
  readonly body?: object
  /** What whoever is let in is answered. */
  readonly status: number
}

/** Of all users. */
export const password = 'correct horse battery staple'

const email = 'nobody@example.com'
const refreshToken = `caly_refresh_${'A'.repeat(43)}`

/** Every route there is. */
export const rules: readonly Rule[] = [
  { route: 'GET /health/live', demands: 'nothing', status: 200 },
  { route: 'GET /health/ready', demands: 'nothing', status: 200 },
  { route: 'GET /health/detailed', demands: 'ops:read', status: 200 },
  { route: 'GET /health/metrics', demands: 'ops:read', status: 200 },
  { route: 'GET /metrics', demands: 'ops:read', status: 200 },
  { route: 'GET /api', demands: 'nothing', status: 200 },
  { route: 'POST /api/auth/login', demands: 'nothing', body: { email }, status: 422 },
  // Without rights of its own: the token in the body is what counts, and this one is not known.
  { route: 'POST /api/auth/refresh', demands: 'nothing', body: { refreshToken }, status: 401 },
  { route: 'POST /api/auth/logout', demands: 'nothing', body: { refreshToken }, status: 204 },
  { route: 'GET /api/auth/me', demands: 'a principal', status: 200 },
  {
    route: 'POST /api/auth/password',
    demands: 'a user',
    // Right, and so no failure that counts; but the new one must be another.
    body: { currentPassword: password, newPassword: password },
    status: 422,
  },
  { route: 'GET /api/users', demands: 'users:write', status: 200 },
  { route: 'POST /api/users', demands: 'users:write', body: { email }, status: 422 },
  { route: 'PATCH /api/users/{id}', demands: 'users:write', body: { name: 'X' }, status: 404 },
  { route: 'DELETE /api/users/{id}', demands: 'users:write', status: 404 },
  { route: 'GET /api/keys', demands: 'keys:write', status: 200 },
  { route: 'POST /api/keys', demands: 'keys:write', body: { name: 'X' }, status: 422 },
  { route: 'DELETE /api/keys/{id}', demands: 'keys:write', status: 404 },
  { route: 'GET /api/calls', demands: 'calls:read', status: 200 },
  { route: 'POST /api/calls', demands: 'calls:write', body: { from: 'X' }, status: 422 },
  {
    route: 'POST /api/calls/search',
    demands: 'calls:read',
    body: { number: '+919876500999' },
    status: 200,
  },
  { route: 'GET /api/calls/stats', demands: 'calls:read', status: 200 },
  { route: 'GET /api/calls/{id}', demands: 'calls:read', status: 404 },
  { route: 'PATCH /api/calls/{id}', demands: 'calls:write', body: { notes: 'X' }, status: 404 },
  { route: 'DELETE /api/calls/{id}', demands: 'calls:write', status: 404 },
  { route: 'GET /api/calls/{id}/recording', demands: 'recordings:read', status: 404 },
  { route: 'GET /api/audit', demands: 'audit:read', status: 200 },
  { route: 'GET /api/audit/export', demands: 'audit:export', status: 200 },
  { route: 'GET /api/audit/verify', demands: 'audit:read', status: 200 },
  { route: 'GET /api/scans', demands: 'scans:read', status: 200 },
  { route: 'POST /api/scans', demands: 'scans:run', body: { path: '/etc' }, status: 422 },
  { route: 'GET /api/scans/{id}', demands: 'scans:read', status: 404 },
  { route: 'GET /api/vulnerabilities', demands: 'scans:read', status: 200 },
  // The secret in the path is the credential, and this one is wrong.
  { route: 'GET /api/webhooks/exotel/{secret}', demands: 'nothing', status: 404 },
  { route: 'POST /api/webhooks/exotel/{secret}', demands: 'nothing', body: {}, status: 404 },
]

/** Well-formed, and nobody's. */
const unknownId = '01900000-0000-7000-8000-000000000000'

/** The request of a rule, with the given id in its path. */
export function requestOf({ route, body }: Pick<Rule, 'route' | 'body'>, id: string = unknownId) {
  const [method = '', template = ''] = route.split(' ')
  return { method, path: template.replace(/\{\w+\}/, id), body }
}
