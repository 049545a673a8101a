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
      const { creatorRole, creatorDisabled, expiresAt, scopes, ...state } = row
      const creator = creatorDisabled === false ? creatorRole : null
      const most = scopesOfCreator(state, creator)
      return {
        ...state,
        scopes: scopes.filter(isScope).filter((scope) => most.includes(scope)),
        expiresAt: expiresAt?.getTime(),
      }
    },
  })
}

/** A key made at a shell has no creator to follow; one whose creator is gone may do nothing. */
function scopesOfCreator(
  { createdBy, isPlatform }: Pick<KeyState, 'createdBy' | 'isPlatform'>,
  creator: Role | null,
): readonly Scope[] {
  if (createdBy === null) return grantable(isPlatform)
  return creator === null ? [] : scopesOf(creator, isPlatform)
}
