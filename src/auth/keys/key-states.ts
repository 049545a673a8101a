import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { apiKeys, clients, users } from '#db/schema/index.ts'
import { type FreshCache, freshCache } from '../fresh-cache.ts'
import { grantable, isScope, type Role, type Scope, scopesOf } from '../scopes.ts'
import { type Freshness, stateFreshness } from '../sessions/session-states.ts'

/** A key that was not revoked, as the check sees it. */
export interface KeyState {
  readonly id: string
  readonly clientId: string
  readonly isPlatform: boolean
  readonly createdBy: string | null
  readonly secretHash: Uint8Array
  /** What the key may do today; nothing once the user who made it is disabled. */
  readonly scopes: readonly Scope[]
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined
}

/** Keys at most in the cache: about 4 MB. */
const maxKeys = 10_000

/** The state of keys, by their id. */
export function keyStates(db: Drizzle, freshness: Freshness): FreshCache<KeyState> {
  const query = db
    .select({
      id: apiKeys.id,
      clientId: apiKeys.clientId,
      isPlatform: clients.isPlatform,
      createdBy: apiKeys.createdBy,
      secretHash: apiKeys.secretHash,
      scopes: apiKeys.scopes,
      expiresAt: apiKeys.expiresAt,
      creatorRole: users.role,
      creatorDisabled: users.disabled,
    })
    .from(apiKeys)
    .innerJoin(clients, eq(clients.id, apiKeys.clientId))
    .leftJoin(users, eq(users.id, apiKeys.createdBy))
    .where(and(eq(apiKeys.id, sql.placeholder('id')), isNull(apiKeys.revokedAt)))
    .prepare('auth_key_state')
  return freshCache({
    max: maxKeys,
    ...stateFreshness,
    ...freshness,
    async load(id) {
      const [row] = await query.execute({ id })
      if (row === undefined) return undefined
      const { creatorRole, creatorDisabled, expiresAt, ...state } = row
      const creator = creatorDisabled === false ? creatorRole : null
      return { ...state, scopes: scopesToday(row, creator), expiresAt: expiresAt?.getTime() }
    },
  })
}

/** What says how far a key goes. */
export interface KeyReach {
  readonly createdBy: string | null
  readonly isPlatform: boolean
  /** As they were given: words that a later version may know no more. */
  readonly scopes: readonly string[]
}

/**
 * What a key may do, by the role that its creator has today: null where there is no such user any
 * more, or a disabled one. A key made at a shell has no creator to follow.
 */
export function scopesToday(
  { createdBy, isPlatform, scopes }: KeyReach,
  creator: Role | null,
): readonly Scope[] {
  const most =
    createdBy === null
      ? grantable(isPlatform)
      : creator === null
        ? []
        : scopesOf(creator, isPlatform)
  return scopes.filter(isScope).filter((scope) => most.includes(scope))
}
