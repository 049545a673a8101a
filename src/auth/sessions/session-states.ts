import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { clients, refreshTokens, users } from '#db/schema/index.ts'
import { type FreshCache, freshCache } from '../fresh-cache.ts'
import type { Role } from '../scopes.ts'

/** What must still hold for an access token to be honoured. */
export interface SessionState {
  readonly userId: string
  readonly clientId: string
  readonly isPlatform: boolean
  readonly role: Role
  readonly epoch: number
  /** Neither logged out, revoked, nor the user disabled. */
  readonly alive: boolean
}

/** Sessions at most in the cache: about 3 MB. */
const maxSessions = 10_000

/** When a cache of states has to ask the database. */
export interface Freshness {
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  /** Since when other processes' changes have all been told; undefined while that is not sure. */
  readonly toldSince: () => number | undefined
}

/**
 * Milliseconds for which a state is believed. Without news of the others' changes a disabled user,
 * a new role or a logout is still seen within a second, and an active session costs at most 2.5
 * queries a second. With news it costs one a minute, for what is told of by nobody: a row that was
 * deleted by hand, a client that became another.
 */
export const stateFreshness = { freshFor: 400, toldFor: 60_000 } as const

/** The state of sessions, by {@linkcode sessionKey}. */
export function sessionStates(db: Drizzle, freshness: Freshness): FreshCache<SessionState> {
  const sessionId = sql.placeholder('sessionId')
  const userId = sql.placeholder('userId')
  const unrevoked = db
    .select({ one: sql`1` })
    .from(refreshTokens)
    .where(
      and(
        eq(refreshTokens.familyId, sessionId),
        eq(refreshTokens.userId, userId),
        isNull(refreshTokens.revokedAt),
      ),
    )
  const query = db
    .select({
      userId: users.id,
      clientId: users.clientId,
      isPlatform: clients.isPlatform,
      role: users.role,
      epoch: users.sessionEpoch,
      alive: sql<boolean>`not ${users.disabled} and exists (${unrevoked})`,
    })
    .from(users)
    .innerJoin(clients, eq(clients.id, users.clientId))
    .where(eq(users.id, userId))
    .prepare('auth_session_state')
  return freshCache({
    max: maxSessions,
    ...stateFreshness,
    ...freshness,
    async load(key) {
      const [session, user] = key.split(' ')
      const [state] = await query.execute({ sessionId: session, userId: user })
      return state
    },
  })
}

/** The cache's key of a session. */
export const sessionKey = (sessionId: string, userId: string): string => `${sessionId} ${userId}`

/** The session that a key of the cache is about. */
export const sessionOf = (key: string): string | undefined => key.split(' ')[0]
