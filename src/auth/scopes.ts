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

export type Scope = (typeof scopes)[number]

/** Scopes about the service itself: they belong to the platform's own client alone. */
export const platformScopes: readonly Scope[] = ['ops:read', 'scans:read', 'scans:run']

export const roles = ['admin', 'operator', 'auditor'] as const

export type Role = (typeof roles)[number]

const scopesByRole: Readonly<Record<Role, readonly Scope[]>> = {
  admin: scopes,
  operator: ['calls:read', 'calls:write', 'recordings:read', 'ops:read', 'scans:read'],
  auditor: ['calls:read', 'audit:read', 'audit:export', 'scans:read'],
}

/** What a role may do: platform scopes only within the platform's own client. */
export function scopesOf(role: Role, isPlatform: boolean): readonly Scope[] {
  return isPlatform
    ? scopesByRole[role]
    : scopesByRole[role].filter((scope) => !platformScopes.includes(scope))
}
