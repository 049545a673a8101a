/** Calls without news: the provider is asked, so that every call ends though callbacks are lost. */
import { eq } from 'drizzle-orm'
import { calls } from '#db/schema/index.ts'
import { applyNews } from './apply.ts'
import { type CallContext, queues } from './context.ts'
import { providerCall } from './dispatch.ts'
import type { CallDetails } from './provider.ts'
import { type CallRow, lockCall, openCalls } from './queries.ts'

/** Calls asked about in one run, and at a time: more wait for the next run. */
const batch = 100
const concurrency = 4

/** How long the provider may take for one answer, in milliseconds. */
const answerTimeout = 15_000

/** Milliseconds after which a call that the provider does not know is given up (exotel.md, 5). */
const patience = 60 * 60_000

/** Options of {@linkcode reconcile}. */
export interface ReconcileOptions {
  /** Milliseconds without news after which a call is asked about. */
  readonly after: number
  readonly signal: AbortSignal
}

/** Asks about the calls that were silent for longest, up to a batch. */
export async function reconcile(context: CallContext, options: ReconcileOptions): Promise<void> {
  const since = new Date(context.now() - options.after)
  const silent = await openCalls(context.database.db, context.provider.name, {
    since,
    limit: batch,
  })
  const rest = silent.values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      // The workers share one iterator: each takes the next call once it is done with its own.
      for (const row of rest) {
        if (options.signal.aborted) return
        await reconcileOne(context, row, options.signal).catch(context.onError)
      }
    }),
  )
}

async function reconcileOne(context: CallContext, row: CallRow, stop: AbortSignal): Promise<void> {
  const call = providerCall(context, row)
  if (call === undefined) {
    await placeAgain(context, row)
    return
  }
  const signal = AbortSignal.any([stop, AbortSignal.timeout(answerTimeout)])
  const details = await context.provider.details(call, signal).catch((error: unknown) => {
    context.onError(error)
    return undefined
  })
  await context.database.db.transaction(async (tx) => {
    const locked = await lockCall(tx, row.id)
    if (locked === undefined || locked.erasedAt !== null) return
    const heard = details && newsOf(context, locked, details)
    if (heard === undefined)
      await tx
        .update(calls)
        // Asked, to no avail: the others get their turn before it is asked about again.
        .set({ lastHeardAt: new Date(context.now()) })
        .where(eq(calls.id, row.id))
    else await applyNews(tx, locked, { ...heard, source: 'reconciliation' }, context)
  })
}

function newsOf({ now }: CallContext, row: CallRow, details: CallDetails) {
  if (details.found) return details
  const silence = now() - (row.dispatchedAt ?? row.createdAt).getTime()
  if (silence < patience) return undefined
  const news = { authority: 'details', status: 'failed', failureReason: 'not_placed' } as const
  return { news, at: new Date(now()) }
}

/** Its job was lost, or still waits: the claim on the row lets only one of the two through. */
async function placeAgain({ database, jobs, now }: CallContext, row: CallRow): Promise<void> {
  await database.db.transaction(async (tx) => {
    await jobs.send(tx, queues.place, { callId: row.id })
    await tx
      .update(calls)
      .set({ lastHeardAt: new Date(now()) })
      .where(eq(calls.id, row.id))
  })
  jobs.wake(queues.place)
}
