import { and, asc, inArray, isNull, lte } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { apiKeys } from '#db/schema/index.ts'
import type { AuditTrail } from '../../audit/index.ts'

/** Keys told of in one transaction. */
const batch = 500

/** What telling of expired keys needs. */
export interface ExpiryOptions {
  readonly db: Drizzle
  readonly audit: AuditTrail
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Tells the trail, once each, of keys whose time is over. They are refused from that moment on, told
 * or not.
 *
 * @returns how many
 */
export async function tellOfExpiry(
  { db, audit, now }: ExpiryOptions,
  signal?: AbortSignal,
): Promise<number> {
  let told = 0
  while (signal?.aborted !== true) {
    const count = await db.transaction(async (tx) => {
      const at = new Date(now())
      const untold = and(
        lte(apiKeys.expiresAt, at),
        isNull(apiKeys.expiryToldAt),
        isNull(apiKeys.revokedAt),
      )
      const due = tx
        .select({ id: apiKeys.id })
        .from(apiKeys)
        .where(untold)
        .orderBy(asc(apiKeys.expiresAt))
        .limit(batch)
        .for('update', { skipLocked: true })
      const keys = await tx
        .update(apiKeys)
        .set({ expiryToldAt: at })
        .where(and(inArray(apiKeys.id, due), untold))
        .returning({ id: apiKeys.id, clientId: apiKeys.clientId, expiresAt: apiKeys.expiresAt })
      await audit.recordWith(
        tx,
        keys.map(({ id, clientId, expiresAt }) => ({
          event: 'API_KEY_EXPIRED',
          origin: { actorType: 'system', clientId },
          resource: { type: 'api_key', id },
          details: { expiresAt: expiresAt?.toISOString() ?? '' },
        })),
      )
      return keys.length
    })
    told += count
    if (count < batch) break
  }
  return told
}
