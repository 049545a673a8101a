/** The provider's messages as they are kept, for operators: what was made of them, and what they say. */
import { desc, eq, inArray } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import { webhookEvents } from '#db/schema/index.ts'
import { type AuditOrigin, type AuditTrail, recordRead } from '../audit/index.ts'
import { NotFoundError } from '../errors.ts'
import { type StoredMessage, vault } from './vault.ts'

/** The states in which a message has changed no call. */
export const idleStates = ['received', 'malformed', 'unmatched', 'ignored'] as const

/** What may be said of a message to anybody who may list them: nothing of a person. */
export type MessageSummary = Pick<
  typeof webhookEvents.$inferSelect,
  'id' | 'receivedAt' | 'state' | 'reason' | 'deliveries'
>

/** Which messages are listed. */
export interface MessageSelection {
  readonly states: readonly (typeof idleStates)[number][]
  readonly limit: number
}

/** Messages in some states, the newest first. */
export const listMessages = (
  db: Drizzle,
  { states, limit }: MessageSelection,
): Promise<MessageSummary[]> =>
  db
    .select({
      id: webhookEvents.id,
      receivedAt: webhookEvents.receivedAt,
      state: webhookEvents.state,
      reason: webhookEvents.reason,
      deliveries: webhookEvents.deliveries,
    })
    .from(webhookEvents)
    .where(inArray(webhookEvents.state, [...states]))
    .orderBy(desc(webhookEvents.receivedAt), desc(webhookEvents.id))
    .limit(limit)

/** What a message is read with. */
export interface MessageReader {
  readonly db: Drizzle
  readonly audit: AuditTrail
  readonly keyring: Keyring
}

/**
 * A message byte for byte. That it was shown is recorded first, for the client whose it is.
 *
 * @throws {NotFoundError} if there is none, or it was erased
 */
export async function readStoredMessage(
  { db, audit, keyring }: MessageReader,
  id: string,
  origin: AuditOrigin,
): Promise<MessageSummary & StoredMessage> {
  const [row] = await db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
  if (row === undefined) throw new NotFoundError('There is no such message')
  if (row.sealed === null) throw new NotFoundError('The message has been erased')
  const { callId, clientId, receivedAt, state, reason, deliveries } = row
  const message = open(keyring, id, row.sealed)
  await recordRead(
    audit,
    { of: 'webhook_events', count: 1, ...(clientId !== null && callId !== null && { callId }) },
    { ...origin, ...(clientId !== null && { clientId }) },
  )
  return { id, receivedAt, state, reason, deliveries, ...message }
}

function open(keyring: Keyring, id: string, sealed: Uint8Array): StoredMessage {
  try {
    return vault(keyring).openMessage(id, sealed)
  } catch (cause) {
    throw new NotFoundError('The message cannot be opened: is a key missing in ENCRYPTION_KEY?', {
      cause,
    })
  }
}
