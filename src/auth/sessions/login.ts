import { and, eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { refreshTokens, users } from '#db/schema/index.ts'
import { requestOrigin } from '../../audit/index.ts'
import { AuthenticationError } from '../../errors.ts'
import type { Attempt } from '../lockout/index.ts'
import { checkPassword, type LoginFailureReason, recordLoginFailure } from '../password-check.ts'
import { needsRehash } from '../passwords/index.ts'
import { normalizeEmail, userColumns } from '../users/user.ts'
import type { Granted, SessionsOptions } from './granted.ts'
import { newRefreshToken, refreshTokenExpiry } from './refresh-token.ts'

/** One text for all: it tells the honest what to do, and the others nothing. */
const refusal =
  'The e-mail or the password is wrong, or there were too many attempts: then wait a while, or log in from where you did before'

/** Makes `login`. No connection is held while the password is compared. */
export function loginWith(options: SessionsOptions) {
  const { db, audit, now } = options
  const byEmail = db
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare('auth_user_by_email')

  async function refuse(
    reason: LoginFailureReason,
    attempt: Attempt,
    user?: { readonly id: string; readonly clientId: string },
  ): Promise<never> {
    const origin = requestOrigin({ actorType: 'anonymous', clientId: user?.clientId })
    const failure = { reason, attempt, origin, userId: user?.id, statusCode: 401 }
    await recordLoginFailure(audit, failure)
    throw new AuthenticationError('INVALID_CREDENTIALS', refusal)
  }

  return async (given: { email: string; password: string }): Promise<Granted> => {
    const email = normalizeEmail(given.email)
    const { password } = given
    const [found] = await byEmail.execute({ email })
    const { right, attempt } = await checkPassword(options, { email, password, user: found })
    if (found === undefined) return refuse('unknown_user', attempt)
    if (!right) return refuse(attempt.allowed ? 'wrong_password' : 'locked', attempt, found)
    const { hasher } = options
    const stronger = needsRehash(found.passwordHash) ? await hasher.hash(password) : undefined
    const sessionId = uuidv7()
    const refresh = newRefreshToken()
    const at = new Date(now())

    const user = await db.transaction(async (tx) => {
      // Locks the row; a password or a state changed since it was read lets no one in.
      const [user] = await tx
        .update(users)
        .set({ lastLoginAt: at, passwordHash: stronger ?? found.passwordHash })
        .where(
          and(
            eq(users.id, found.id),
            eq(users.passwordHash, found.passwordHash),
            eq(users.disabled, false),
          ),
        )
        .returning(userColumns)
      if (user === undefined) return undefined
      await attempt.succeeded(tx)
      await tx.insert(refreshTokens).values({
        familyId: sessionId,
        userId: user.id,
        tokenHash: refresh.hash,
        createdAt: at,
        sessionStartedAt: at,
        expiresAt: refreshTokenExpiry(at, at),
      })
      await audit.recordWith(tx, {
        event: 'LOGIN_SUCCESS',
        origin: requestOrigin({ actorType: 'user', actorId: user.id, clientId: user.clientId }),
        details: {},
        resource: { type: 'session', id: sessionId },
        statusCode: 200,
      })
      return user
    })
    if (user === undefined)
      return refuse(found.disabled ? 'disabled' : 'wrong_password', attempt, found)
    return { user, sessionId, refreshToken: refresh.token }
  }
}
