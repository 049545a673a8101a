import { and, eq, isNull } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { apiKeys, refreshTokens } from '#db/schema/index.ts'
import { AuthenticationError, AuthorizationError } from '../errors.ts'
import { lockClient } from './clients.ts'
import type { Denials } from './denials.ts'
import type { AuthDependencies } from './dependencies.ts'
import { scopesToday } from './keys/key-states.ts'
import type { Principal } from './principal.ts'
import { type Refusal, refusals } from './refusals.ts'
import { type Scope, scopesOf } from './scopes.ts'
import { lockUser } from './users/user.ts'

/** What is needed to change who may do what. */
export interface ActorDependencies extends AuthDependencies {
  readonly denials: Denials
}

/**
 * Changes users or keys for somebody, in a transaction that asks the database again whether they
 * still may: what a request was let in by may be a second old, and a password takes as long to hash.
 * The rows that say so stay locked until the end, so that whoever takes the rights away comes before,
 * and is heeded, or after. The client's row is locked first of all: two who are at it take turns.
 *
 * @param scope what the route demands
 * @param work gets the actor with the scopes of now, and has yet to demand their rank
 * @throws {AuthenticationError} if the session or key has ended
 * @throws {AuthorizationError} if the scope is gone
 */
export async function actAs<Result>(
  { db, denials, now }: ActorDependencies,
  actor: Principal,
  scope: Scope,
  work: (tx: Executor, actor: Principal) => Promise<Result>,
): Promise<Result> {
  const ended = await db.transaction(async (tx) => {
    await lockClient(tx, actor.clientId)
    const current = await (actor.type === 'user' ? userNow(tx, actor) : keyNow(tx, actor, now()))
    if ('reason' in current) return { refusal: current }
    if (!current.scopes.includes(scope)) return { lacking: current }
    return { result: await work(tx, current) }
  })
  if ('result' in ended) return ended.result
  // Into the trail outside of the transaction: on one connection, and whatever becomes of the other.
  if ('lacking' in ended) {
    await denials.principal(ended.lacking, scope)
    throw new AuthorizationError(`This needs the scope ${scope}`)
  }
  const { reason, code, message } = ended.refusal
  await denials.stranger(reason)
  throw new AuthenticationError(code, message)
}

/** A user's session as the database has it; asks what the authenticator asks. */
async function userNow(tx: Executor, actor: Principal): Promise<Principal | Refusal> {
  const user = await lockUser(tx, actor.id)
  const same = user?.clientId === actor.clientId && user.sessionEpoch === actor.epoch
  if (!same || user.disabled || !(await sessionLives(tx, actor))) return refusals.token
  return { ...actor, role: user.role, scopes: scopesOf(user.role, actor.isPlatform) }
}

/** Whoever ends a session locks its user first, as has been done here. */
async function sessionLives(tx: Executor, { id, sessionId }: Principal): Promise<boolean> {
  if (sessionId === undefined) return false
  const [token] = await tx
    .select({ id: refreshTokens.id })
    .from(refreshTokens)
    .where(
      and(
        eq(refreshTokens.familyId, sessionId),
        eq(refreshTokens.userId, id),
        isNull(refreshTokens.revokedAt),
      ),
    )
    .limit(1)
  return token !== undefined
}

/** A key as the database has it, and the user who answers for it. */
async function keyNow(tx: Executor, actor: Principal, now: number): Promise<Principal | Refusal> {
  const { clientId, scopes, createdBy, expiresAt } = apiKeys
  const [key] = await tx
    .select({ clientId, scopes, createdBy, expiresAt })
    .from(apiKeys)
    .where(and(eq(apiKeys.id, actor.id), isNull(apiKeys.revokedAt)))
    .for('no key update')
  if (key?.clientId !== actor.clientId) return refusals.key
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now) return refusals.expiredKey
  const creator = key.createdBy === null ? undefined : await lockUser(tx, key.createdBy)
  const role = creator === undefined || creator.disabled ? null : creator.role
  const today = scopesToday({ ...key, isPlatform: actor.isPlatform }, role)
  return today.length === 0 ? refusals.key : { ...actor, scopes: today }
}
