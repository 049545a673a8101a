import { and, eq, lt, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { refreshTokens, users } from '#db/schema/index.ts'
import { requestOrigin } from '../../audit/index.ts'
import { AuthenticationError } from '../../errors.ts'
import { needsRehash } from '../passwords/index.ts'
import { normalizeEmail, userColumns } from '../users/user.ts'
import { newRefreshToken, refreshTokenLifetime } from './refresh-token.ts'
import type { Granted, SessionsOptions } from './sessions.ts'

type FailureReason = 'unknown_user' | 'wrong_password' | 'disabled'

/** Makes `login`. No connection is held while the password is compared. */
export function loginWith({ db, audit, hasher, now }: SessionsOptions) {
  const byEmail = db
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder('email')))
    .prepare('auth_user_by_email')

  /** The trail names the user, never the e-mail: people type passwords into that field. */
  async function refuse(
    reason: FailureReason,
    user?: { readonly id: string; readonly clientId: string },
  ): Promise<never> {
    await audit.record(db, {
      event: 'LOGIN_FAILURE',
      origin: requestOrigin({ actorType: 'anonymous', clientId: user?.clientId }),
      details: { reason },
      ...(user && { resource: { type: 'user', id: user.id } }),
      statusCode: 401,
    })
    throw new AuthenticationError('INVALID_CREDENTIALS', 'The e-mail or the password is wrong')
  }

  return async ({ email, password }: { email: string; password: string }): Promise<Granted> => {
    const [found] = await byEmail.execute({ email: normalizeEmail(email) })
    const right = await hasher.verify(found?.passwordHash, password)
    if (found === undefined) return refuse('unknown_user')
    if (!right) return refuse('wrong_password', found)
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
      // What has expired proves nothing any more. A user's own login is the moment to tidy up.
      await tx
        .delete(refreshTokens)
        .where(and(eq(refreshTokens.userId, user.id), lt(refreshTokens.expiresAt, at)))
      await tx.insert(refreshTokens).values({
        familyId: sessionId,
        userId: user.id,
        tokenHash: refresh.hash,
        createdAt: at,
        expiresAt: new Date(at.getTime() + refreshTokenLifetime),
      })
      await audit.record(tx, {
        event: 'LOGIN_SUCCESS',
        origin: requestOrigin({ actorType: 'user', actorId: user.id, clientId: user.clientId }),
        details: {},
        resource: { type: 'session', id: sessionId },
        statusCode: 200,
      })
      return user
    })
    if (user === undefined) return refuse(found.disabled ? 'disabled' : 'wrong_password', found)
    return { user, sessionId, refreshToken: refresh.token }
  }
}
