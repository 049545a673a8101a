import { eq } from 'drizzle-orm'
import { refreshTokens } from '#db/schema/index.ts'
import { requestOrigin } from '../../audit/index.ts'
import { lockUser } from '../users/user.ts'
import type { SessionsOptions } from './granted.ts'
import { refreshTokenHash } from './refresh-token.ts'
import { revokeSessions } from './revoke.ts'

/** Ways to end a session, its access tokens too. One that has ended already is no error. */
export interface Logout {
  end(session: { readonly sessionId: string; readonly userId: string }): Promise<void>
  /** By any refresh token of the session; one that is not known ends nothing. */
  endByToken(token: string): Promise<void>
}

/** Makes the two. */
export function logoutWith({ db, audit, now, onChange }: SessionsOptions): Logout {
  const end: Logout['end'] = async ({ sessionId, userId }) => {
    await db.transaction(async (tx) => {
      const user = await lockUser(tx, userId)
      const at = new Date(now())
      if (user === undefined || !(await revokeSessions(tx, { userId, sessionId, at }))) return
      await audit.recordWith(tx, {
        event: 'LOGOUT',
        origin: requestOrigin({ actorType: 'user', actorId: user.id, clientId: user.clientId }),
        details: {},
        resource: { type: 'session', id: sessionId },
        statusCode: 204,
      })
    })
    onChange({ kind: 'session', id: sessionId })
  }

  return {
    end,
    async endByToken(token) {
      const hash = refreshTokenHash(token)
      if (hash === undefined) return
      const [session] = await db
        .select({ sessionId: refreshTokens.familyId, userId: refreshTokens.userId })
        .from(refreshTokens)
        .where(eq(refreshTokens.tokenHash, hash))
      if (session) await end(session)
    },
  }
}
