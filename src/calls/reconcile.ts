/**
 * The provider is asked about calls without news, so that every call ends though callbacks are lost,
 * and about calls that are over, once more, for what its record says late.
 */
import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import { applyNews } from './apply.ts'
import { type CallContext, queues } from './context.ts'
import { providerCall } from './dispatch.ts'
import type { CallDetails } from './provider.ts'
import { type CallRow, dueInquiries, holderOf, lockCall, openCalls } from './queries.ts'
import { expectsRecording, nextInquiry } from './settling.ts'
import { isFinal } from './state-machine.ts'

/** Calls of each kind asked about in one run, and at a time: more wait for the next run. */
const batch = 100
const concurrency = 4

/** How long the provider may take for one answer, its own pace included, in milliseconds. */
const answerTimeout = 25_000

/** So many silences, an hour by default, make a call that the provider does not know given up (seen in code). */
const silencesUntilGivenUp = 12

/** Options of {@linkcode reconcile}. */
export interface ReconcileOptions {
  /** Milliseconds without news after which a call is asked about. */
  readonly after: number
  readonly signal: AbortSignal
}

/** Asks about the calls that were silent for longest, and those whose record is due, up to a batch. */
export async function reconcile(context: CallContext, options: ReconcileOptions): Promise<void> {
  const { database, provider, now } = context
  const since = new Date(now() - options.after)
  const silent = await openCalls(database.db, provider.name, { since, limit: batch })
  const due = await dueInquiries(database.db, provider.name, {
    until: new Date(now()),
    limit: batch,
  })
  const rest = [...silent, ...due].values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      // The workers share one iterator: each takes the next call once it is done with its own.
      for (const row of rest) {
        if (options.signal.aborted) return
        await reconcileOne(context, row, options).catch(context.onError)
      }
    }),
  )
}

async function reconcileOne(
  context: CallContext,
  row: CallRow,
  { after, signal: stop }: ReconcileOptions,
): Promise<void> {
  const patience = after * silencesUntilGivenUp
  const call = providerCall(context, row)
  if (call === undefined) {
    await placeAgain(context, row)
    return
  }
  const signal = AbortSignal.any([stop, AbortSignal.timeout(answerTimeout)])
  const answer = await context.provider.details(call, signal).catch((error: unknown) => {
    context.onError(error)
    return undefined
  })
  await context.database.db.transaction(async (tx) => {
    const locked = await lockCall(tx, row.id)
    if (locked === undefined || locked.erasedAt !== null) return
    const details = answer && (await choose(tx, context, locked, answer, patience))
    if (details !== undefined) {
      const { news, at, providerCallId } = details
      await applyNews(tx, locked, { news, at, providerCallId, source: 'reconciliation' }, context)
      await keepWhatCameLate(tx, context, locked.id, details)
    } else if (answer !== undefined && isGivenUp(context, locked, patience)) {
      const failureReason = locked.providerCallId === null ? 'not_placed' : 'unknown_to_provider'
      const at = new Date(context.now())
      const authority = 'details'
      const news = { authority, status: 'failed', endedAt: at, failureReason } as const
      await applyNews(tx, locked, { news, at, source: 'reconciliation' }, context)
    } else await askLater(tx, context, locked)
  })
}

/**
 * Which of the provider's calls this one is. Another call's own name rules it out; where several are
 * left that nobody else claims, their callbacks may still tell, and only then the likeliest is taken.
 */
async function choose(
  tx: Executor,
  context: CallContext,
  row: CallRow,
  candidates: readonly CallDetails[],
  patience: number,
): Promise<CallDetails | undefined> {
  if (row.providerCallId !== null)
    return candidates.find(({ providerCallId }) => providerCallId === row.providerCallId)
  const { provider, vault } = context
  const free: CallDetails[] = []
  for (const candidate of candidates) {
    const { providerCallId: name } = candidate
    const names = [name, ...vault.tombstonesEverywhere(name)]
    if ((await holderOf(tx, provider.name, names)) === undefined) free.push(candidate)
  }
  return free.length === 1 || isPast(context, row, patience) ? free[0] : undefined
}

/** The provider does not know it, long after it was asked for it. */
const isGivenUp = (context: CallContext, row: CallRow, patience: number): boolean =>
  !isFinal(row.status) && isPast(context, row, patience)

const isPast = ({ now }: CallContext, row: CallRow, patience: number): boolean =>
  now() - (row.dispatchedAt ?? row.createdAt).getTime() >= patience

/** Keeps the recording's address, and when the record is to be read again. */
async function keepWhatCameLate(
  tx: Executor,
  context: CallContext,
  id: string,
  { settled, recordingUrl }: CallDetails,
): Promise<void> {
  const { provider, vault, now } = context
  const row = await lockCall(tx, id)
  if (row === undefined || row.sealed === null || !isFinal(row.status)) return
  const secrets = vault.openCall(id, row.sealed)
  const address = recordingUrl ?? secrets.recordingUrl ?? undefined
  const isComplete = settled && (address !== undefined || !expectsRecording(row, row))
  const inquireAt =
    isComplete || provider.settlesAfter === undefined
      ? null
      : nextInquiry(row, provider.settlesAfter, now())
  await tx
    .update(calls)
    .set({
      inquireAt,
      // The budget is spent: whatever a callback said, there is no recording to be had.
      ...(inquireAt === null && { recordingAvailable: address !== undefined }),
      ...(recordingUrl !== undefined &&
        recordingUrl !== secrets.recordingUrl &&
        vault.callColumns(id, { ...secrets, recordingUrl })),
    })
    .where(eq(calls.id, id))
}

/** Asked, to no avail: the others get their turn before it is asked about again. */
async function askLater(tx: Executor, context: CallContext, row: CallRow): Promise<void> {
  const { provider, now } = context
  const isSettling = row.inquireAt !== null && provider.settlesAfter !== undefined
  await tx
    .update(calls)
    .set({
      lastHeardAt: new Date(now()),
      inquireAt: isSettling ? nextInquiry(row, provider.settlesAfter, now()) : null,
    })
    .where(eq(calls.id, row.id))
}

/** Its job was lost, or still waits: the claim on the row lets only one of the two through. */
async function placeAgain({ database, jobs, now }: CallContext, row: CallRow): Promise<void> {
  await database.db.transaction(async (tx) => {
    await jobs.send(tx, queues.place, { callId: row.id }, { key: row.id })
    await tx
      .update(calls)
      .set({ lastHeardAt: new Date(now()) })
      .where(eq(calls.id, row.id))
  })
  jobs.wake(queues.place)
}
