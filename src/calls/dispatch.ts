/** Placing a call: the job that asks the provider, once. */
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import { noteCall } from '#telemetry/index.ts'
import type { EventStamp } from '../audit/index.ts'
import { claimTurn } from './admission.ts'
import { applyNews, type HeardOf, originOf } from './apply.ts'
import type { CallContext } from './context.ts'
import { giveUpGuess } from './guesses.ts'
import { pause } from './pause.ts'
import type { Placement, ProviderCall } from './provider.ts'
import { type CallRow, holderOf, lockCall } from './queries.ts'

/** One attempt at placing. */
export interface PlacingAttempt {
  readonly callId: string
  readonly signal: AbortSignal
  /** Aborts when the process is to stop: a call that is not asked for yet is left to another one. */
  readonly stopping: AbortSignal
  /** Whether no other attempt follows: what is not placed then has failed. */
  readonly last: boolean
}

/**
 * Places a call, when its turn has come. That the provider is about to be asked is committed before it
 * is asked: whoever finds it so asked already never asks again, since the answer may have been lost
 * with its process.
 *
 * @throws if the call was certainly not placed and another attempt may succeed
 */
export async function dispatch(context: CallContext, attempt: PlacingAttempt): Promise<void> {
  const { provider } = context
  noteCall(attempt.callId)
  const row = await claimTurn(context, attempt)
  const call = row && providerCall(context, row)
  if (call === undefined) return
  const placement = await provider.place(call, attempt.signal)
  context.onPlacement(placement.outcome)
  // The same at each try: of a commit whose answer was lost the row may be there already.
  const stamp = { id: uuidv7(), at: context.now() }
  await untilSettled(context, attempt.signal, () =>
    settle(context, call, { placement, stamp, last: attempt.last }),
  )
  if (placement.outcome === 'retry' && !attempt.last)
    throw new Error(`The call was not placed: ${placement.reason}`)
}

/** A call as its provider needs it; undefined for one that was erased or never dispatched. */
export function providerCall(
  { vault, addresses }: CallContext,
  row: CallRow,
): ProviderCall | undefined {
  if (row.sealed === null || row.dispatchedAt === null) return undefined
  const { from, to, recordingUrl = null } = vault.openCall(row.id, row.sealed)
  return {
    id: row.id,
    from,
    to,
    record: row.record,
    dispatchedAt: row.dispatchedAt,
    providerCallId: row.providerCallId,
    recordingUrl,
    callbackUrl: addresses.urlFor(row.id),
  }
}

/** The longest pause between two attempts at writing an answer down, in milliseconds. */
const longestPause = 4000

/**
 * The provider's answer comes once: where the database is away for a moment, it is written down when
 * that is back, as long as the job may take.
 */
async function untilSettled(
  { onError }: CallContext,
  signal: AbortSignal,
  write: () => Promise<void>,
): Promise<void> {
  for (let wait = 250; ; wait = Math.min(longestPause, wait * 2)) {
    try {
      await write()
      return
    } catch (error) {
      if (signal.aborted) throw error
      onError(error)
    }
    await pause(wait, signal)
  }
}

/** What the provider said, and when. */
interface Answered {
  readonly placement: Placement
  readonly stamp: EventStamp
  readonly last: boolean
}

/** Writes down what became of the request. */
async function settle(
  context: CallContext,
  call: ProviderCall,
  { placement, stamp, last }: Answered,
): Promise<void> {
  const { database, audit, provider } = context
  const at = new Date(stamp.at)
  await database.db.transaction(async (tx) => {
    const row = await lockCall(tx, call.id)
    if (row === undefined) return
    if (row.erasedAt !== null) return await markErased(tx, context, row, placement)
    const heard = newsOf(call, await unique(tx, context, call, placement), { at, last })
    if (heard !== undefined) {
      if (placement.outcome === 'placed')
        await audit.recordWith(
          tx,
          {
            event: 'CALL_PLACED',
            origin: originOf('provider', row.clientId),
            resource: { type: 'call', id: row.id },
            details: { provider: provider.name },
          },
          stamp,
        )
      await applyNews(tx, row, heard, context)
      return
    }
    const free = placement.outcome === 'retry' ? { dispatchedAt: null } : {}
    await tx
      .update(calls)
      .set({ ...free, lastHeardAt: at })
      .where(eq(calls.id, row.id))
  })
}

/** Erased while it was asked for: by its mark, messages about it are known, and dropped. */
async function markErased(
  tx: Executor,
  { vault }: CallContext,
  row: CallRow,
  placement: Placement,
): Promise<void> {
  if (placement.outcome !== 'placed' || row.providerCallId !== null) return
  await tx
    .update(calls)
    .set({ providerCallId: vault.tombstone(placement.providerCallId) })
    .where(eq(calls.id, row.id))
}

/**
 * Two calls of one name would be taken for each other: the second one stays without, and is known by
 * our own id in its callbacks.
 */
async function unique(
  tx: Executor,
  context: CallContext,
  call: ProviderCall,
  placement: Placement,
): Promise<Placement> {
  const { vault, provider, onError } = context
  if (placement.outcome !== 'placed') return placement
  const { providerCallId } = placement
  const holder = await holderOf(tx, provider.name, [
    providerCallId,
    ...vault.tombstonesEverywhere(providerCallId),
  ])
  if (holder === undefined || holder === call.id) return placement
  // A search has only guessed that it is the other one's.
  if (await giveUpGuess(tx, context, holder)) return placement
  onError(new Error('The provider gave two calls the same name'))
  return { outcome: 'unknown', reason: 'name_taken' }
}

/** What a placement says of the call; undefined while nobody can say. */
function newsOf(
  call: ProviderCall,
  placement: Placement,
  { at, last }: { readonly at: Date; readonly last: boolean },
): HeardOf | undefined {
  const heard = { source: 'provider', at } as const
  const authority = 'callback'
  switch (placement.outcome) {
    case 'placed': {
      const { providerCallId } = placement
      // Nobody has answered yet, whatever the provider's own word is.
      const news = { authority, status: 'ringing', startedAt: call.dispatchedAt } as const
      return { ...heard, providerCallId, news }
    }
    case 'unknown':
      // A callback will tell, or reconciliation.
      return undefined
    default: {
      if (placement.outcome === 'retry' && !last) return undefined
      const { reason: failureReason } = placement
      return { ...heard, news: { authority, status: 'failed', endedAt: at, failureReason } }
    }
  }
}
