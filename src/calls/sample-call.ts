/** A call that was never placed, for whoever looks whether one client gets at what is another's. */
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import { calls, idempotencyKeys } from '#db/schema/index.ts'
import { vault } from './vault.ts'

/** Numbers that belong to nobody: +999 is nobody's country. */
const [from, to] = ['+99900000001', '+99900000002']

/** Adds a finished call of a client. No provider hears of it. @returns its id */
export async function insertSampleCall(
  db: Executor,
  keyring: Keyring,
  clientId: string,
): Promise<string> {
  const id = uuidv7()
  const now = new Date()
  await db.insert(calls).values({
    ...{ id, clientId, status: 'failed', direction: 'outbound', provider: 'simulator' },
    ...vault(keyring).callColumns(id, { from, to, customField: null, notes: null }),
    ...{ createdAt: now, endedAt: now, lastHeardAt: now, failureReason: 'sample' },
  })
  return id
}

/** Takes away all calls of a client, which is about to go. */
export async function removeCallsOf(db: Executor, clientId: string): Promise<void> {
  await db.delete(idempotencyKeys).where(eq(idempotencyKeys.clientId, clientId))
  await db.delete(calls).where(eq(calls.clientId, clientId))
}
