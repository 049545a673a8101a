/**
 * The provider is asked about calls without news, so that every call ends though callbacks are lost,
 * and about calls that are over, once more, for what its record says late.
 */
import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import { applyNews } from './apply.ts'
import { choose } from './candidates.ts'
import { type CallContext, queues } from './context.ts'
import { providerCall } from './dispatch.ts'
import { lastWord } from './overdue.ts'
import type { CallDetails } from './provider.ts'
import { type CallRow, dueInquiries, lockCall, openCalls } from './queries.ts'
import { expectsRecording, nextInquiry } from './settling.ts'
import { type CallNews, isFinal } from './state-machine.ts'

/** Calls of each kind asked about in one run, and at a time: more wait for the next run. */
const batch = 100
const concurrency = 4

/** How long the provider may take for one answer, its own pace included, in milliseconds. */
const answerTimeout = 25_000

/** So many silences, an hour by default, make a call that the provider does not know given up (seen in code). */
const silencesUntilGivenUp = 12
/** But never so early, in milliseconds: the answer to the request may be on its way for 25 s. */
const leastPatience = 60_000

/** Options of {@linkcode reconcile}. */
export interface ReconcileOptions {
  /** Milliseconds without news after which a call is asked about. */
  readonly after: number
  readonly signal: AbortSignal
}

/**
 * Asks about the calls that were silent for longest, and those whose record is due; then has those
 * placed that still wait. Of each kind up to a batch, so that none of them keeps out another.
 */
export async function reconcile(context: CallContext, options: ReconcileOptions): Promise<void> {
  const { database, provider, now } = context
  const since = new Date(now() - options.after)
  const open = { since, limit: batch }
  const silent = await openCalls(database.db, provider.name, { ...open, dispatched: true })
  const due = await dueInquiries(database.db, provider.name, {
    until: new Date(now()),
    limit: batch,
  })
  const waiting = await openCalls(database.db, provider.name, { ...open, dispatched: false })
  const rest = [...silent, ...due, ...waiting].values()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      // The workers share one iterator: each takes the next call once it is done with its own.
      for (const row of rest) {
        if (options.signal.aborted) return
        const done =
          row.dispatchedAt === null ? placeAgain(context, row) : ask(context, row, options)
        await done.catch(context.onError)
      }
    }),
  )
}

async function ask(
  context: CallContext,
  row: CallRow,
  { after, signal: stop }: ReconcileOptions,
): Promise<void> {
  const { database, provider, now } = context
  const call = providerCall(context, row)
  if (call === undefined) return
  const signal = AbortSignal.any([stop, AbortSignal.timeout(answerTimeout)])
  const candidates = await unlessAborted(provider.details(call, signal), signal).catch(
    (error: unknown) => {
      context.onError(error)
      return undefined
    },
  )
  if (stop.aborted) return
  await database.db.transaction(async (tx) => {
    const locked = await lockCall(tx, row.id)
    const asked = locked && providerCall(context, locked)
    if (locked === undefined || asked === undefined) return
    // Named since it was asked about: the answer was to another question.
    if (asked.providerCallId !== call.providerCallId) return
    const age = now() - asked.dispatchedAt.getTime()
    const isPatient = age < Math.max(leastPatience, after * silencesUntilGivenUp)
    const choice = candidates && (await choose(tx, context, asked, { candidates, isPatient }))
    const details = typeof choice === 'object' ? choice : undefined
    const hear = (news: CallNews, at = new Date(now())) => {
      const providerCallId = details?.providerCallId
      return applyNews(tx, locked, { news, at, providerCallId, source: 'reconciliation' }, context)
    }
    const last = isFinal(locked.status) ? undefined : lastWord(details, age, now())
    if (details !== undefined) {
      await hear(last ?? details.news, last?.endedAt ?? details.at)
      await keepWhatCameLate(tx, context, locked.id, details)
    } else if (last !== undefined) await hear(last)
    else if (choice === 'none' && !isPatient && !isFinal(locked.status)) {
      const failureReason = asked.providerCallId === null ? 'not_placed' : 'unknown_to_provider'
      await hear({
        authority: 'details',
        status: 'failed',
        endedAt: new Date(now()),
        failureReason,
      })
    } else await askLater(tx, context, locked)
  })
}

/** A provider that does not heed its signal holds up nobody. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

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
