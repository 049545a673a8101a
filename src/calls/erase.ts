import { and, eq } from 'drizzle-orm'
import { calls, idempotencyKeys, webhookEvents } from '#db/schema/index.ts'
import { requestOrigin } from '../audit/index.ts'
import { NotFoundError } from '../errors.ts'
import type { CallContext } from './context.ts'
import { lockCall } from './queries.ts'

/**
 * Erases a call's personal data from every table. What stays is a row that counts in statistics, and
 * by which a late callback is recognised and dropped. A call that was not placed yet never will be,
 * and is canceled. One that goes on keeps the status that it has: whatever is heard of it later
 * changes nothing, and statistics count it under that status for good.
 *
 * @throws {NotFoundError} if the client has no such call
 */
export async function eraseCall(context: CallContext, clientId: string, id: string): Promise<void> {
  const { database, audit, vault, now } = context
  await database.db.transaction(async (tx) => {
    const row = await lockCall(tx, id)
    if (row === undefined || row.clientId !== clientId || row.erasedAt !== null)
      throw new NotFoundError('There is no such call')
    const unplaced = row.status === 'queued' && row.dispatchedAt === null
    await tx
      .update(calls)
      .set({
        sealed: null,
        fromIndex: null,
        toIndex: null,
        tags: [],
        providerCallId: row.providerCallId && vault.tombstone(row.providerCallId),
        recordingAvailable: false,
        inquireAt: null,
        erasedAt: new Date(now()),
        ...(unplaced && { status: 'canceled' as const }),
      })
      .where(eq(calls.id, id))
    await tx
      .update(webhookEvents)
      .set({ sealed: null, state: 'erased' })
      .where(eq(webhookEvents.callId, id))
    await tx
      .update(idempotencyKeys)
      .set({ sealed: null })
      .where(and(eq(idempotencyKeys.clientId, clientId), eq(idempotencyKeys.callId, id)))
    await audit.recordWith(tx, {
      event: 'CALL_ERASED',
      origin: requestOrigin(),
      resource: { type: 'call', id },
      details: {},
    })
  })
}
