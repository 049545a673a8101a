/**
 * Writes docs/access.md: who may do what. `bun run docs:access`. Roles and scopes come from
 * src/auth/scopes.ts, routes from the document that the service serves; a test holds the page
 * against both.
 */
import { readFile, writeFile } from 'node:fs/promises'
import {
  platformScopes,
  type Role,
  roles,
  type Scope,
  scopes,
  scopesOf,
} from '../src/auth/index.ts'
import { clientOf } from '../tests/support/client.ts'
import { startCaly } from '../tests/support/process.ts'
import { table } from './table.ts'

/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
  readonly summary?: string
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly 'x-scope'?: string
  readonly 'x-principal'?: string
}

/** What each scope is for. */
const meanings: Readonly<Record<Scope, string>> = {
  'calls:read': 'see calls, their events and figures',
  'calls:write': 'place calls, note, tag and erase them',
  'recordings:read': 'hear recordings',
  'keys:write': 'list, make and revoke API keys',
  'users:write': 'list, create, change and erase users',
  'audit:read': 'read and verify the audit trail',
  'audit:export': 'take the audit trail out',
  'ops:read': 'see health in detail and metrics',
  'scans:read': 'see scans and vulnerabilities',
  'scans:run': 'start a scan',
}

const file = new URL('access.md', import.meta.url)

/** The page that is kept in the repository. */
export const keptPage = (): Promise<string> => readFile(file, 'utf8')

/** The page for a document. */
export function accessPage({ paths }: ApiDocument): string {
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`
      return [`\`${name}\``, demandOf(operation), ...holders(operation), operation.summary ?? '']
    }),
  )
  return `${[
    '# Who may do what',
    '<!-- Written by `bun run docs:access` from src/auth/scopes.ts and the API reference. -->',
    "Every user, key, call and audit row belongs to one client (tenant), and nobody sees, changes or counts what belongs to another: it is answered like what is not there (404), for the platform's own admins too.",
    '## Roles and scopes',
    "A user has the scopes of their role. An API key has those that it was made with, never more than its maker's: not when it is made, and not later, when its maker has lost some.",
    table(
      ['scope', 'to', ...roles],
      scopes.map((scope) => [`\`${scope}\``, meanings[scope], ...roles.map(mark(scope))]),
    ),
    `(platform): within the platform's own client alone, whatever the role. ${platformScopes.map((scope) => `\`${scope}\``).join(', ')} are about the service itself, and cannot be given to a key of another client.`,
    '## Routes',
    'Who lacks credentials is answered 401, who lacks the scope 403, before the body is validated.',
    table(['route', 'needs', ...roles, 'does'], routes),
    'Without a scope: `POST /api/auth/logout` ends the session of the refresh token in its body, else that of the access token; a callback is let in by the secret in its path; `/health/live` and `/health/ready` are for probes. The routes that need `ops:read` also take `METRICS_TOKEN`, and in development, with the listener on loopback, a direct connection from this machine.',
  ].join('\n\n')}\n`
}

/** A role may use a scope in every client, in the platform's alone, or not at all. */
const mark = (scope: Scope) => (role: Role) =>
  scopesOf(role, false).includes(scope)
    ? '✓'
    : scopesOf(role, true).includes(scope)
      ? '(platform)'
      : ''

function demandOf(operation: Operation): string {
  const { 'x-scope': scope, 'x-principal': principal } = operation
  if (scope !== undefined) return `\`${scope}\``
  if (principal === 'user') return 'a login'
  return isOpen(operation) ? 'nothing' : 'any credentials'
}

const isOpen = ({ security = [{}] }: Operation): boolean =>
  security.some((scheme) => Object.keys(scheme).length === 0)

function holders({ 'x-scope': needed }: Operation): string[] {
  const scope = scopes.find((known) => known === needed)
  return scope === undefined ? roles.map(() => '✓') : roles.map(mark(scope))
}

if (import.meta.main) {
  const caly = await startCaly()
  try {
    const { body } = await clientOf(caly)('GET', '/docs/json')
    await writeFile(file, accessPage(body))
  } finally {
    await caly.stop()
  }
}
