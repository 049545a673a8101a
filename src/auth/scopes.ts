/** Who may do what: the one matrix of roles and scopes. */

/** Every permission that a principal can have. */
export const scopes = [
  'calls:read',
  'calls:write',
  'recordings:read',
  'keys:write',
  'users:write',
  'audit:read',
  'audit:export',
  'ops:read',
  'scans:read',
  'scans:run',
] as const

/** A permission. */
export type Scope = (typeof scopes)[number]

/** Whether a word is the name of a scope: rows may be older than the list. */
export const isScope = (word: string): word is Scope => scopes.some((scope) => scope === word)

/** Scopes about the service itself: they belong to the platform's own client alone. */
export const platformScopes: readonly Scope[] = ['ops:read', 'scans:read', 'scans:run']

/** What a user can be. */
export const roles = ['admin', 'operator', 'auditor'] as const

/** A user's role. */
export type Role = (typeof roles)[number]

const scopesByRole: Readonly<Record<Role, readonly Scope[]>> = {
  admin: scopes,
  operator: ['calls:read', 'calls:write', 'recordings:read', 'ops:read', 'scans:read'],
  auditor: ['calls:read', 'audit:read', 'audit:export', 'scans:read'],
}

/** What anybody of a client may do at most: platform scopes only within the platform's own. */
export const grantable = (isPlatform: boolean): readonly Scope[] =>
  isPlatform ? scopes : scopes.filter((scope) => !platformScopes.includes(scope))

/** What a role may do: platform scopes only within the platform's own client. */
export function scopesOf(role: Role, isPlatform: boolean): readonly Scope[] {
  const most = grantable(isPlatform)
  return scopesByRole[role].filter((scope) => most.includes(scope))
}
