/** Whether a call may be placed now: the provider has a pace, a limit of calls, and may be away. */
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import { applyNews } from './apply.ts'
import { type CallContext, queues } from './context.ts'
import { pause } from './pause.ts'
import { type CallRow, lockCall } from './queries.ts'

/** Milliseconds for which a job waits for its turn before it makes room for another. */
const longestWait = 15_000

/** Milliseconds between two looks while the account has all the calls that it may have. */
const fullPause = 1000

/** Milliseconds after which a call that could not be placed is given up: nobody expects it any more. */
const placingLimit = 60 * 60_000

/** A row that waits to be placed. */
const isWaiting = (callId: string) =>
  and(
    eq(calls.id, callId),
    eq(calls.status, 'queued'),
    isNull(calls.dispatchedAt),
    isNull(calls.providerCallId),
    isNull(calls.erasedAt),
  )

/** For whom a turn is waited for. */
export interface Waiting {
  readonly callId: string
  readonly signal: AbortSignal
  /** Ends the wait, though not the call's: the job comes back, here or elsewhere. */
  readonly stopping: AbortSignal
}

/**
 * Waits for a call's turn and claims it: that the provider is about to be asked is committed before it
 * is asked. Where the turn does not come soon, the job comes back later.
 *
 * @returns the claimed row; undefined if there is nothing to place, or not now
 */
export async function claimTurn(
  context: CallContext,
  { callId, signal, stopping }: Waiting,
): Promise<CallRow | undefined> {
  const { database, provider } = context
  const deadline = performance.now() + longestWait
  const ends = AbortSignal.any([signal, stopping])
  for (;;) {
    const [waiting] = await database.db
      .select({ id: calls.id })
      .from(calls)
      .where(isWaiting(callId))
    // Gone, over, erased, or somebody has asked for it already.
    if (waiting === undefined) return undefined
    // A turn that is taken for nothing is one that a question does not get.
    const turn = (await isFull(context)) ? fullPause : ((await provider.turn?.(ends)) ?? 0)
    const claimed = turn === 0 ? await claim(context, callId) : undefined
    if (turn === 0 && claimed !== 'full') return claimed
    const wait = turn === 0 ? fullPause : turn
    const isSoon = performance.now() + wait <= deadline
    if (isSoon) await pause(wait, ends)
    if (!isSoon || ends.aborted) {
      await postpone(context, callId, wait)
      return undefined
    }
  }
}

/** A look without a lock: {@linkcode claim} is what counts. */
const isFull = async (context: CallContext): Promise<boolean> =>
  context.maxCalls !== undefined &&
  (await liveCalls(context.database.db, context)) >= context.maxCalls

/** Undefined: somebody else was faster. `full`: the account has as many calls as it may. */
async function claim(context: CallContext, callId: string): Promise<CallRow | 'full' | undefined> {
  const { database, now, maxCalls } = context
  const take = async (tx: Executor) => {
    const [row] = await tx
      .update(calls)
      .set({ dispatchedAt: new Date(now()) })
      .where(isWaiting(callId))
      .returning()
    return row
  }
  if (maxCalls === undefined) return await take(database.db)
  return await database.db.transaction(async (tx) => {
    // One at a time over all replicas: two that count at once would both see the last place.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('caly.calls.places'))`)
    return (await liveCalls(tx, context)) < maxCalls ? await take(tx) : 'full'
  })
}

/** Calls that the provider was asked for, and that are not over. */
async function liveCalls(tx: Executor, { provider }: CallContext): Promise<number> {
  const [row] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(calls)
    .where(
      and(
        eq(calls.provider, provider.name),
        sql`${calls.status} in ('queued', 'ringing', 'in-progress')`,
        isNotNull(calls.dispatchedAt),
        // Of an erased one no end will ever be heard.
        isNull(calls.erasedAt),
      ),
    )
  return row?.count ?? 0
}

/** Has the job come back, or gives the call up where it has waited for too long. */
async function postpone(context: CallContext, callId: string, wait: number): Promise<void> {
  const { database, jobs, now } = context
  await database.db.transaction(async (tx) => {
    const row = await lockCall(tx, callId)
    if (row === undefined || row.status !== 'queued' || row.dispatchedAt !== null) return
    if (now() - row.createdAt.getTime() < placingLimit) {
      await jobs.send(tx, queues.place, { callId }, { delay: Math.ceil(wait / 1000), key: callId })
      return
    }
    const at = new Date(now())
    const failureReason = 'not_placed_in_time'
    const news = { authority: 'callback', status: 'failed', endedAt: at, failureReason } as const
    await applyNews(tx, row, { news, source: 'provider', at }, context)
  })
}
