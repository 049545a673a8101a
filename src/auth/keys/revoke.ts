import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { apiKeys } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { AuthorizationError, NotFoundError } from '../../errors.ts'
import { type ActorDependencies, actAs } from '../actor.ts'
import type { AuthDependencies } from '../dependencies.ts'
import { hasScopes, type Principal } from '../principal.ts'
import { isScope } from '../scopes.ts'

/**
 * Revokes a key of the actor's client for good, and all that were made with it, and with those:
 * whoever had it may have made them to stay.
 *
 * @throws {NotFoundError} if the client has no such key, or has revoked it already
 * @throws {AuthorizationError} if a key would revoke one that may do more; and as `actAs` throws
 */
export async function revokeKey(
  dependencies: ActorDependencies,
  actor: Principal,
  id: string,
  origin: AuditOrigin,
): Promise<void> {
  const revoked = await actAs(dependencies, actor, 'keys:write', async (tx, current) => {
    const [key] = await tx
      .select({ scopes: apiKeys.scopes })
      .from(apiKeys)
      .where(
        and(eq(apiKeys.id, id), eq(apiKeys.clientId, current.clientId), isNull(apiKeys.revokedAt)),
      )
    if (key === undefined) throw new NotFoundError('There is no such key')
    if (current.type === 'api_key' && !hasScopes(current, key.scopes.filter(isScope)))
      throw new AuthorizationError('A key can revoke no key with a scope that it has not itself')
    return revokeKeys(tx, dependencies, eq(apiKeys.id, id), origin)
  })
  for (const key of revoked) dependencies.onChange({ kind: 'key', id: key })
}

/**
 * Revokes the keys that a condition is true of, and all that descend from them, each with a row in
 * the trail. The client's row is locked there already: no key of it is being made meanwhile.
 *
 * @returns the ids of those that were not revoked before
 */
export async function revokeKeys(
  tx: Executor,
  { audit, now }: Pick<AuthDependencies, 'audit' | 'now'>,
  condition: SQL,
  origin: AuditOrigin,
): Promise<string[]> {
  // Those that were revoked before are gone through too: by hand, a key is revoked alone.
  const family = sql`(
    with recursive family (id) as (
      select ${apiKeys.id} from ${apiKeys} where ${condition}
      union
      select child.id from ${apiKeys} as child join family on child.parent_key_id = family.id
    )
    select id from family
  )`
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: new Date(now()) })
    .where(and(inArray(apiKeys.id, family), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id })
  const ids = revoked.map(({ id }) => id)
  await audit.recordWith(
    tx,
    ids.map((id) => ({
      event: 'API_KEY_REVOKED',
      origin,
      details: {},
      resource: { type: 'api_key', id },
    })),
  )
  return ids
}
