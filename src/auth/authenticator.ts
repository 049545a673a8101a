import { timingSafeEqual } from 'node:crypto'
import { AuthenticationError } from '../errors.ts'
import { currentRequest, setPrincipal } from '../hooks/request-context/index.ts'
import { credentialOf } from './credentials.ts'
import type { Denials } from './denials.ts'
import type { FreshCache } from './fresh-cache.ts'
import { parseApiKey } from './keys/format.ts'
import type { KeyState } from './keys/key-states.ts'
import type { LastUsed } from './keys/last-used.ts'
import type { Principal } from './principal.ts'
import { type Refusal, refusals } from './refusals.ts'
import { scopesOf } from './scopes.ts'
import type { AccessTokens } from './sessions/access-token.ts'
import { type SessionState, sessionKey } from './sessions/session-states.ts'

/** What {@linkcode authenticator} needs. */
export interface AuthenticatorOptions {
  readonly tokens: AccessTokens
  readonly sessions: FreshCache<SessionState>
  readonly keys: FreshCache<KeyState>
  readonly used: LastUsed
  readonly denials: Denials
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Finds out who is asking, and tells the request's context, so that logs, limits and the trail
 * know. Refusals are in the trail before they are thrown.
 *
 * @throws {AuthenticationError} `AUTHENTICATION_REQUIRED` where nothing was shown, `TOKEN_EXPIRED`,
 *   else `INVALID_CREDENTIALS`, always without what was shown
 */
export type Authenticate = (request: Pick<Request, 'headers'>) => Promise<Principal>

/** Makes {@linkcode Authenticate}. Warm, neither an access token nor an API key costs a query. */
export function authenticator(options: AuthenticatorOptions): Authenticate {
  const { tokens, sessions, keys, used, denials, now } = options

  async function byAccessToken(token: string): Promise<Principal | Refusal> {
    const claims = await tokens.verify(token)
    if (claims === 'expired') return refusals.expiredToken
    if (claims === 'invalid') return refusals.token
    const { userId, clientId, sessionId, epoch } = claims
    const state = await sessions.get(sessionKey(sessionId, userId))
    if (!state?.alive || state.epoch !== epoch || state.clientId !== clientId) return refusals.token
    const { isPlatform, role } = state
    const scopes = scopesOf(role, isPlatform)
    return { type: 'user', id: userId, clientId, isPlatform, scopes, role, sessionId, epoch }
  }

  async function byApiKey(text: string): Promise<Principal | Refusal> {
    const parsed = parseApiKey(text)
    const state = parsed && (await keys.get(parsed.id))
    if (!state || !timingSafeEqual(parsed.hash, state.secretHash)) return refusals.key
    if (state.expiresAt !== undefined && state.expiresAt <= now()) return refusals.expiredKey
    if (state.scopes.length === 0) return refusals.key
    const { id, clientId, isPlatform, scopes, createdBy } = state
    used.note(id)
    return { type: 'api_key', id, clientId, isPlatform, scopes, ...(createdBy && { createdBy }) }
  }

  return async ({ headers }) => {
    const credential = credentialOf(headers)
    const verdict =
      credential.kind === 'access_token'
        ? await byAccessToken(credential.value)
        : credential.kind === 'api_key'
          ? await byApiKey(credential.value)
          : refusals[credential.kind]
    if (!('reason' in verdict)) {
      const context = currentRequest()
      if (context) setPrincipal(context, verdict)
      return verdict
    }
    await denials.stranger(verdict.reason)
    throw new AuthenticationError(verdict.code, verdict.message)
  }
}
