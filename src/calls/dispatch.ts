/** Placing a call: the job that asks the provider, once. */
import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import { claimTurn } from './admission.ts'
import { applyNews, type HeardOf, originOf } from './apply.ts'
import type { CallContext } from './context.ts'
import type { Placement, ProviderCall } from './provider.ts'
import { type CallRow, holderOf, lockCall } from './queries.ts'

/** One attempt at placing. */
export interface PlacingAttempt {
  readonly callId: string
  readonly signal: AbortSignal
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
  const row = await claimTurn(context, attempt.callId, attempt.signal)
  const call = row && providerCall(context, row)
  if (call === undefined) return
  const placement = await provider.place(call, attempt.signal)
  context.onPlacement(placement.outcome)
  await settle(context, call, placement, attempt.last)
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

/** Writes down what became of the request. */
async function settle(
  context: CallContext,
  call: ProviderCall,
  placement: Placement,
  last: boolean,
): Promise<void> {
  const { database, audit, provider, now } = context
  const at = new Date(now())
  await database.db.transaction(async (tx) => {
    const row = await lockCall(tx, call.id)
    // Erased in the meantime: nothing of it is to come back.
    if (row === undefined || row.erasedAt !== null) return
    const heard = newsOf(call, await unique(tx, context, call, placement), { at, last })
    if (heard !== undefined) {
      if (placement.outcome === 'placed')
        await audit.recordWith(tx, {
          event: 'CALL_PLACED',
          origin: originOf('provider', row.clientId),
          resource: { type: 'call', id: row.id },
          details: { provider: provider.name },
        })
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

/**
 * Two calls of one name would be taken for each other: the second one stays without, and is known by
 * our own id in its callbacks.
 */
async function unique(
  tx: Executor,
  { vault, provider, onError }: CallContext,
  call: ProviderCall,
  placement: Placement,
): Promise<Placement> {
  if (placement.outcome !== 'placed') return placement
  const { providerCallId } = placement
  const holder = await holderOf(tx, provider.name, [
    providerCallId,
    ...vault.tombstonesEverywhere(providerCallId),
  ])
  if (holder === undefined || holder === call.id) return placement
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
