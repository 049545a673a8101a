/** Names that a search by numbers has only guessed: whoever knows better takes them. */
import { and, eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import type { CallContext } from './context.ts'
import { isFinal } from './state-machine.ts'

/**
 * Takes a call's name from it, if it was only guessed, since another call is known to have it. What
 * was heard of it under that name stays, but the provider is asked about it again.
 *
 * @param id of the call that has the name
 * @returns whether the name is free now
 */
export async function giveUpGuess(
  tx: Executor,
  { now }: Pick<CallContext, 'now'>,
  id: string,
): Promise<boolean> {
  const [row] = await tx
    .update(calls)
    // Reconciliation begins with what was heard of longest ago.
    .set({ providerCallId: null, guessed: false, lastHeardAt: new Date(0) })
    .where(and(eq(calls.id, id), eq(calls.guessed, true)))
    .returning()
  if (row === undefined) return false
  if (row.erasedAt === null && isFinal(row.status))
    await tx
      .update(calls)
      .set({ inquireAt: new Date(now()) })
      .where(eq(calls.id, id))
  return true
}
