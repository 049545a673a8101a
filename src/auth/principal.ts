import type { Role, Scope } from './scopes.ts'

/** Who is asking, and what they may do. */
export interface Principal {
  readonly type: 'user' | 'api_key'
  /** The user's or the key's id. */
  readonly id: string
  readonly clientId: string
  /** Whether the client is the platform's own. */
  readonly isPlatform: boolean
  readonly scopes: readonly Scope[]
  /** Users only. */
  readonly role?: Role
  /** Users only: the login that the access token came from. */
  readonly sessionId?: string
  /** Users only: that of their sessions when the access token was made. */
  readonly epoch?: number
  /** Keys only: the user who answers for it; absent for one made at a shell. */
  readonly createdBy?: string
}

/** Whether a principal has all of the given scopes: nobody hands on more than they have. */
export const hasScopes = (principal: Principal, wanted: readonly Scope[]): boolean =>
  wanted.every((scope) => principal.scopes.includes(scope))
