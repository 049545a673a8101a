import type { AuthDependencies } from '../dependencies.ts'
import type { Lockout } from '../lockout/index.ts'
import type { User } from '../users/user.ts'
import type { AccessTokens } from './access-token.ts'

/** What sessions need. */
export interface SessionsOptions extends AuthDependencies {
  readonly tokens: AccessTokens
  readonly lockout: Lockout
}

/** A login as the database has it: the tokens are signed once it is committed. */
export interface Granted {
  readonly user: User
  readonly sessionId: string
  readonly refreshToken: string
}
