import { and, desc, eq, getTableColumns, isNull, lt } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { apiKeys } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { AuthorizationError } from '../../errors.ts'
import { type ActorDependencies, actAs } from '../actor.ts'
import type { AuthDependencies } from '../dependencies.ts'
import type { Page } from '../page.ts'
import { hasScopes, type Principal } from '../principal.ts'
import type { Scope } from '../scopes.ts'
import { formatApiKey } from './format.ts'

const { secretHash: _, ...keyColumns } = getTableColumns(apiKeys)

/** What is read of a key: everything but its hash, which only the check reads. */
export type ApiKey = Omit<typeof apiKeys.$inferSelect, 'secretHash'>

/** A key to be. */
export interface NewKey {
  readonly clientId: string
  readonly name: string
  /** No more than its creator's; the caller has asked. */
  readonly scopes: readonly Scope[]
  /** @default {null} never */
  readonly expiresAt?: Date | null
  /** The user who answers for the key: it can never do more than they can. Null at a shell. */
  readonly createdBy: string | null
  /** The key that makes it, with which it is revoked. @default {null} a user or a shell makes it */
  readonly parentKeyId?: string | null
}

/** What one asks for who makes a key over the API. */
export type WantedKey = Pick<NewKey, 'name' | 'scopes' | 'expiresAt'>

/** A key's row, and the key itself: the only time that anybody sees it. */
export interface CreatedKey {
  readonly row: ApiKey
  readonly key: string
}

/** Makes a key, for the shell. */
export function createKey(
  { db, audit }: Pick<AuthDependencies, 'db' | 'audit'>,
  key: NewKey,
  origin: AuditOrigin,
): Promise<CreatedKey> {
  return db.transaction((tx) => insertKey(tx, audit, key, origin))
}

/**
 * Makes a key of the actor's client. A key that makes a key hands on who answers for it.
 *
 * @throws {AuthorizationError} if the actor has not all of the scopes; and as `actAs` throws
 */
export function createKeyAs(
  dependencies: ActorDependencies,
  actor: Principal,
  wanted: WantedKey,
  origin: AuditOrigin,
): Promise<CreatedKey> {
  return actAs(dependencies, actor, 'keys:write', async (tx, current) => {
    if (!hasScopes(current, wanted.scopes))
      throw new AuthorizationError('A key can have no scope that its creator has not')
    const { type, id, clientId, createdBy = null } = current
    const maker = type === 'user' ? { createdBy: id } : { createdBy, parentKeyId: id }
    return insertKey(tx, dependencies.audit, { ...wanted, ...maker, clientId }, origin)
  })
}

/** Makes a key in a transaction that is open already. */
export async function insertKey(
  tx: Executor,
  audit: AuthDependencies['audit'],
  { scopes, ...rest }: NewKey,
  origin: AuditOrigin,
): Promise<CreatedKey> {
  const id = uuidv7()
  const { key, prefix, hash } = formatApiKey(id)
  const [row] = await tx
    .insert(apiKeys)
    .values({ ...rest, id, prefix, secretHash: hash, scopes: [...scopes] })
    .returning(keyColumns)
  if (row === undefined) throw new Error('The key was not inserted')
  await audit.recordWith(tx, {
    event: 'API_KEY_GENERATED',
    origin: { ...origin, clientId: row.clientId },
    details: { scopes: row.scopes },
    resource: { type: 'api_key', id },
  })
  return { row, key }
}

/** A client's keys that were not revoked, newest first; one more than the limit tells of more. */
export function listKeys(
  db: Executor,
  clientId: string,
  { limit, after }: Page,
): Promise<ApiKey[]> {
  return db
    .select(keyColumns)
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.clientId, clientId),
        isNull(apiKeys.revokedAt),
        after === undefined ? undefined : lt(apiKeys.id, after),
      ),
    )
    .orderBy(desc(apiKeys.id))
    .limit(limit + 1)
}

/** One key; undefined where there is none. */
export async function findKey(db: Executor, id: string): Promise<ApiKey | undefined> {
  const [key] = await db.select(keyColumns).from(apiKeys).where(eq(apiKeys.id, id))
  return key
}
