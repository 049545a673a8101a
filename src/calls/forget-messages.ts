import { and, asc, inArray, lte } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { webhookEvents } from '#db/schema/index.ts'
import type { AuditTrail } from '../audit/index.ts'

/** Milliseconds for which a message that changed no call is kept for whoever looks into it. */
const keptFor = 30 * 24 * 3_600_000

/** Rows deleted by one run; a run follows every few seconds. */
const batch = 1000

/** What no call's erasure would ever reach: nobody knows, or nobody believes, whose they are. */
const orphaned = ['unmatched', 'malformed', 'ignored'] as const

/**
 * Deletes messages that never were applied to a call, once they have had their day: they may hold
 * numbers of people. Applied ones end with their call.
 *
 * @returns how many
 */
export async function forgetMessages(db: Drizzle, audit: AuditTrail, now: number): Promise<number> {
  const old = db
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(
      and(
        inArray(webhookEvents.state, [...orphaned]),
        lte(webhookEvents.receivedAt, new Date(now - keptFor)),
      ),
    )
    .orderBy(asc(webhookEvents.receivedAt))
    .limit(batch)
  return await db.transaction(async (tx) => {
    const gone = await tx
      .delete(webhookEvents)
      .where(inArray(webhookEvents.id, old))
      .returning({ id: webhookEvents.id })
    if (gone.length > 0)
      await audit.recordWith(tx, {
        event: 'DATA_DELETED',
        origin: { actorType: 'system' },
        details: { of: 'webhook_events', count: gone.length },
      })
    return gone.length
  })
}
