/** A call as the database shows it, while the service follows it. */
import { asc, eq } from 'drizzle-orm'
import { calls, webhookEvents } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../../audit/index.ts'
import { applyNews } from '../../apply.ts'
import type { CallContext } from '../../context.ts'
import { type CallRow, lockCall } from '../../queries.ts'
import { type MessageReader, readStoredMessage } from '../../stored-messages.ts'
import { lookAt, type SeenMessage } from './messages.ts'

/** Whoever runs the check acts as the shell. */
export const shell: AuditOrigin = { actorType: 'shell' }

/** What became of a message that came. */
export interface Delivery {
  readonly message: SeenMessage
  /** As `caly webhooks list` has it. */
  readonly state: (typeof webhookEvents.$inferSelect)['state']
  readonly reason: string | null
  readonly deliveries: number
}

/** Looks at one call, again and again. */
export interface Watch {
  /** The row as it is, and the messages that were not there at the last look, oldest first. */
  look(): Promise<{ readonly row: CallRow | undefined; readonly fresh: readonly SeenMessage[] }>
  /** All messages so far, with what became of them by the last look. */
  deliveries(): readonly Delivery[]
}

/** Messages that are opened: a provider gone mad must not keep the check busy. */
const most = 50

/** @param reader records each message that it opens, as whoever shows one must */
export function watch(reader: MessageReader, callId: string): Watch {
  const { db } = reader
  const known = new Map<string, Delivery>()
  return {
    async look() {
      const [row] = await db.select().from(calls).where(eq(calls.id, callId))
      const rows = await db
        .select({
          id: webhookEvents.id,
          state: webhookEvents.state,
          reason: webhookEvents.reason,
          deliveries: webhookEvents.deliveries,
        })
        .from(webhookEvents)
        .where(eq(webhookEvents.callId, callId))
        .orderBy(asc(webhookEvents.receivedAt), asc(webhookEvents.id))
        .limit(most)
      const fresh: SeenMessage[] = []
      for (const { id, ...fate } of rows) {
        let message = known.get(id)?.message
        if (message === undefined) {
          message = await lookAt(await readStoredMessage(reader, id, shell))
          fresh.push(message)
        }
        known.set(id, { ...fate, message })
      }
      return { row, fresh }
    },

    deliveries: () => [...known.values()],
  }
}

/**
 * Takes a call back that nobody has begun to place, so that no telephone rings when a service starts
 * some day.
 *
 * @returns false if a service has taken it after all
 */
export function withdraw(context: CallContext, callId: string): Promise<boolean> {
  return context.database.db.transaction(async (tx) => {
    const row = await lockCall(tx, callId)
    if (row === undefined || row.status !== 'queued' || row.dispatchedAt !== null) return false
    const at = new Date(context.now())
    const failureReason = 'not_taken'
    const news = { authority: 'callback', status: 'failed', endedAt: at, failureReason } as const
    await applyNews(tx, row, { news, source: 'provider', at }, context)
    return true
  })
}
