import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { refreshTokens } from '#db/schema/index.ts'
import { requestOrigin } from '../../audit/index.ts'
import { AuthenticationError } from '../../errors.ts'
import { lockUser, type User } from '../users/user.ts'
import type { Granted, SessionsOptions } from './granted.ts'
import { newRefreshToken, refreshTokenExpiry, refreshTokenHash } from './refresh-token.ts'
import { revokeSessions } from './revoke.ts'

type StoredToken = typeof refreshTokens.$inferSelect

/** How an exchange ended; told apart outside of the transaction, which must commit either way. */
type Exchange =
  | { readonly outcome: 'granted'; readonly granted: Granted }
  | { readonly outcome: 'reused'; readonly sessionId: string }
  | { readonly outcome: 'expired' | 'refused' }

/** Makes `refresh`. */
export function refreshWith({ db, audit, now, onChange }: SessionsOptions) {
  async function rotate(tx: Executor, token: StoredToken, user: User, at: Date) {
    const { id, familyId, sessionStartedAt } = token
    // Only one of two simultaneous exchanges finds the token unused.
    const [taken] = await tx
      .update(refreshTokens)
      .set({ usedAt: at })
      .where(
        and(
          eq(refreshTokens.id, id),
          isNull(refreshTokens.usedAt),
          isNull(refreshTokens.revokedAt),
          gt(refreshTokens.expiresAt, at),
        ),
      )
      .returning({ id: refreshTokens.id })
    if (taken === undefined) return undefined
    const next = newRefreshToken()
    await tx.insert(refreshTokens).values({
      familyId,
      userId: user.id,
      tokenHash: next.hash,
      createdAt: at,
      sessionStartedAt,
      expiresAt: refreshTokenExpiry(at, sessionStartedAt),
    })
    await audit.recordWith(tx, {
      event: 'TOKEN_REFRESHED',
      origin: requestOrigin({ actorType: 'user', actorId: user.id, clientId: user.clientId }),
      details: {},
      resource: { type: 'session', id: familyId },
      statusCode: 200,
    })
    return next.token
  }

  /** Why a token was not taken. A used one means that two hold it: its whole family ends. */
  async function explain(tx: Executor, token: StoredToken, user: User, at: Date) {
    const [current] = await tx.select().from(refreshTokens).where(eq(refreshTokens.id, token.id))
    const sessionId = token.familyId
    if (current?.usedAt) {
      const ended = await revokeSessions(tx, { userId: user.id, sessionId, at })
      // Told once: whoever holds the old token could otherwise fill the trail with it.
      if (!ended) return { outcome: 'refused' } as const
      await audit.recordWith(tx, {
        event: 'TOKEN_REUSE_DETECTED',
        origin: requestOrigin({ actorType: 'anonymous', clientId: user.clientId }),
        details: {},
        resource: { type: 'session', id: sessionId },
        statusCode: 401,
      })
      return { outcome: 'reused', sessionId } as const
    }
    const expired = current !== undefined && current.revokedAt === null && current.expiresAt <= at
    return { outcome: expired ? 'expired' : 'refused' } as const
  }

  function exchange(tokenHash: Uint8Array): Promise<Exchange> {
    return db.transaction(async (tx): Promise<Exchange> => {
      const [token] = await tx
        .select()
        .from(refreshTokens)
        .where(eq(refreshTokens.tokenHash, tokenHash))
      const user = token && (await lockUser(tx, token.userId))
      if (token === undefined || user === undefined || user.disabled) return { outcome: 'refused' }
      const at = new Date(now())
      const refreshToken = await rotate(tx, token, user, at)
      return refreshToken === undefined
        ? explain(tx, token, user, at)
        : { outcome: 'granted', granted: { user, sessionId: token.familyId, refreshToken } }
    })
  }

  return async (token: string): Promise<Granted> => {
    const hash = refreshTokenHash(token)
    const result = hash ? await exchange(hash) : ({ outcome: 'refused' } as const)
    if (result.outcome === 'granted') return result.granted
    if (result.outcome === 'reused') onChange({ kind: 'session', id: result.sessionId })
    throw result.outcome === 'expired'
      ? new AuthenticationError('TOKEN_EXPIRED', 'The refresh token has expired: log in again')
      : new AuthenticationError('INVALID_CREDENTIALS', 'The refresh token is not valid')
  }
}
