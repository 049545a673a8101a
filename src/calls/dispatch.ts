/** Placing a call: the job that asks the provider, once. */
import { and, eq, isNull } from 'drizzle-orm'
import { calls } from '#db/schema/index.ts'
import { applyNews, type HeardOf, originOf } from './apply.ts'
import type { CallContext } from './context.ts'
import type { Placement, ProviderCall } from './provider.ts'
import { type CallRow, lockCall } from './queries.ts'

/** One attempt at placing. */
export interface PlacingAttempt {
  readonly callId: string
  readonly signal: AbortSignal
  /** Whether no other attempt follows: what is not placed then has failed. */
  readonly last: boolean
}

/**
 * Places a call. That the provider is about to be asked is committed before it is asked: whoever
 * finds it so asked already never asks again, since the answer may have been lost with its process.
 *
 * @throws if the call was certainly not placed and another attempt may succeed
 */
export async function dispatch(context: CallContext, attempt: PlacingAttempt): Promise<void> {
  const { provider } = context
  const call = await claim(context, attempt.callId)
  if (call === undefined) return
  const placement = await provider.place(call, attempt.signal)
  await settle(context, call, placement, attempt.last)
  if (placement.outcome === 'retry' && !attempt.last)
    throw new Error(`The call was not placed: ${placement.reason}`)
}

/** Undefined: gone, over, erased, or somebody has asked for it already. */
async function claim(context: CallContext, callId: string): Promise<ProviderCall | undefined> {
  const { database, now } = context
  const [row] = await database.db
    .update(calls)
    .set({ dispatchedAt: new Date(now()) })
    .where(
      and(
        eq(calls.id, callId),
        eq(calls.status, 'queued'),
        isNull(calls.dispatchedAt),
        isNull(calls.erasedAt),
      ),
    )
    .returning()
  return row && providerCall(context, row)
}

/** A call as its provider needs it; undefined for one that was erased or never dispatched. */
export function providerCall(
  { vault, addresses }: CallContext,
  row: CallRow,
): ProviderCall | undefined {
  if (row.sealed === null || row.dispatchedAt === null) return undefined
  const { from, to } = vault.openCall(row.id, row.sealed)
  return {
    id: row.id,
    from,
    to,
    record: row.record,
    dispatchedAt: row.dispatchedAt,
    providerCallId: row.providerCallId,
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
    const heard = newsOf(call, placement, { at, last })
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
