import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { apiKeys, clients, users } from '#db/schema/index.ts'
import type { AuditOrigin } from '../audit/index.ts'
import { lockClient } from './clients.ts'
import type { AuthDependencies } from './dependencies.ts'
import { revokeKeys } from './keys/revoke.ts'

/**
 * Removes a client, its users and keys; what it had of calls is gone before. What was recorded of it
 * stays in the trail.
 *
 * @returns the keys that end with it, to tell caches of
 */
export async function removeClient(
  tx: Executor,
  dependencies: Pick<AuthDependencies, 'audit' | 'now'>,
  id: string,
  origin: AuditOrigin,
): Promise<readonly string[]> {
  await lockClient(tx, id)
  const own = { ...origin, clientId: id }
  const revoked = await revokeKeys(tx, dependencies, eq(apiKeys.clientId, id), own)
  await tx.delete(apiKeys).where(eq(apiKeys.clientId, id))
  const erased = await tx.delete(users).where(eq(users.clientId, id)).returning({ id: users.id })
  await dependencies.audit.recordWith(tx, [
    ...erased.map((user) => ({
      event: 'USER_ERASED' as const,
      origin: own,
      details: {},
      resource: { type: 'user', id: user.id } as const,
    })),
    { event: 'CLIENT_REMOVED', origin: own, details: {}, resource: { type: 'client', id } },
  ])
  await tx.delete(clients).where(eq(clients.id, id))
  return revoked
}
