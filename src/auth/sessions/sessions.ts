import type { User } from '../users/user.ts'
import { accessTokenLifetime } from './access-token.ts'
import type { Granted, SessionsOptions } from './granted.ts'
import { loginWith } from './login.ts'
import { type Logout, logoutWith } from './logout.ts'
import { refreshWith } from './refresh.ts'

/** What a login or a refresh gives. */
export interface Session {
  readonly accessToken: string
  /** Seconds until the access token ends. */
  readonly expiresIn: number
  readonly refreshToken: string
  readonly user: User
}

/** Logins, and what becomes of them. */
export interface Sessions extends Logout {
  /**
   * Logs in. The answer for an unknown e-mail, a wrong password, a locked account and a disabled user
   * is the same and takes the same work.
   *
   * @throws {AuthenticationError} `INVALID_CREDENTIALS`
   * @throws {OverloadedError} if too many logins wait
   */
  login(credentials: { readonly email: string; readonly password: string }): Promise<Session>
  /**
   * Exchanges a refresh token for new tokens, once. Of two simultaneous exchanges one succeeds; the
   * other is a second use like any later one and ends the session, since nobody can tell the thief
   * (RFC 9700 §4.14.2).
   *
   * @throws {AuthenticationError} `TOKEN_EXPIRED` or `INVALID_CREDENTIALS`
   */
  refresh(token: string): Promise<Session>
}

/** Makes the sessions of a service. */
export function sessions(options: SessionsOptions): Sessions {
  const { tokens } = options
  const login = loginWith(options)
  const refresh = refreshWith(options)
  const sign = async ({ user, sessionId, refreshToken }: Granted): Promise<Session> => ({
    accessToken: await tokens.issue({
      userId: user.id,
      clientId: user.clientId,
      sessionId,
      epoch: user.sessionEpoch,
    }),
    expiresIn: accessTokenLifetime,
    refreshToken,
    user,
  })
  return {
    login: async (credentials) => sign(await login(credentials)),
    refresh: async (token) => sign(await refresh(token)),
    ...logoutWith(options),
  }
}
