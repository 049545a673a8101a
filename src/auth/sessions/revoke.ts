import { and, eq, isNull } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { refreshTokens } from '#db/schema/index.ts'

/** Which sessions end, and when. */
export interface Revocation {
  readonly userId: string
  /** One session. @default all of the user's */
  readonly sessionId?: string
  readonly at: Date
}

/**
 * Ends sessions, in the transaction that is the reason; the user's row is locked there already.
 *
 * @returns whether there was any to end
 */
export async function revokeSessions(
  tx: Executor,
  { userId, sessionId, at }: Revocation,
): Promise<boolean> {
  const ended = await tx
    .update(refreshTokens)
    .set({ revokedAt: at })
    .where(
      and(
        eq(refreshTokens.userId, userId),
        isNull(refreshTokens.revokedAt),
        sessionId === undefined ? undefined : eq(refreshTokens.familyId, sessionId),
      ),
    )
    .returning({ id: refreshTokens.id })
  return ended.length > 0
}
