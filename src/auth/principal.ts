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
}
