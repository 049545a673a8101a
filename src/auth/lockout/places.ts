import { and, desc, eq, gt, inArray, lte, ne, notInArray, or, sql } from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import { loginPlaces } from '#db/schema/index.ts'
import { maxPlaces, placeLifetime } from './policy.ts'

const { userId, place, lastLoginAt } = loginPlaces

const expiry = (now: Date): Date => new Date(now.getTime() - placeLifetime)

/**
 * Whether a user has logged in from a place lately.
 *
 * @param owner null where there is no such user: the same work, and no
 * @param hashes the place's hash by each key of the keyring
 */
export async function isKnownPlace(
  db: Drizzle,
  owner: string | null,
  hashes: readonly Uint8Array[],
  now: Date,
): Promise<boolean> {
  const known = await db
    .select({ one: sql`1` })
    .from(loginPlaces)
    .where(
      and(
        eq(userId, sql`${owner}::uuid`),
        inArray(place, [...hashes]),
        gt(lastLoginAt, expiry(now)),
      ),
    )
    .limit(1)
  return known.length > 0
}

/** Remembers a login from a place, and forgets the user's oldest beyond the bound. */
export async function rememberPlace(
  tx: Executor,
  owner: string,
  current: Uint8Array,
  now: Date,
): Promise<void> {
  await tx
    .insert(loginPlaces)
    .values({ userId: owner, place: current, lastLoginAt: now })
    .onConflictDoUpdate({ target: [userId, place], set: { lastLoginAt: now } })
  const newest = tx
    .select({ place })
    .from(loginPlaces)
    .where(eq(userId, owner))
    .orderBy(desc(lastLoginAt))
    .limit(maxPlaces)
  await tx
    .delete(loginPlaces)
    .where(
      and(
        eq(userId, owner),
        ne(place, current),
        or(lte(lastLoginAt, expiry(now)), notInArray(place, newest)),
      ),
    )
}

/** Forgets all places of a user but one: who else knew the old password is known no longer. */
export async function forgetOtherPlaces(
  tx: Executor,
  owner: string,
  current: Uint8Array,
): Promise<void> {
  await tx.delete(loginPlaces).where(and(eq(userId, owner), ne(place, current)))
}

/** Deletes at most so many places that are too old; returns how many there were. */
export async function deleteOldPlaces(db: Drizzle, now: Date, limit: number): Promise<number> {
  const old = db
    .select({ userId, place })
    .from(loginPlaces)
    .where(lte(lastLoginAt, expiry(now)))
    .limit(limit)
  const { rowCount } = await db.delete(loginPlaces).where(sql`(${userId}, ${place}) in ${old}`)
  return rowCount ?? 0
}
