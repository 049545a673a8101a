import { and, eq, ne, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { apiKeys, users } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { ConflictError, NotFoundError } from '../../errors.ts'
import { type ActorDependencies, actAs } from '../actor.ts'
import { revokeKeys } from '../keys/revoke.ts'
import type { Principal } from '../principal.ts'
import type { Role } from '../scopes.ts'
import { revokeSessions } from '../sessions/revoke.ts'
import { demandRank } from './rank.ts'
import { lockUser, type User, userColumns } from './user.ts'

/** What may be changed of a user; what is absent stays. */
export interface UserChanges {
  readonly name?: string
  readonly role?: Role
  readonly disabled?: boolean
}

/**
 * Changes a user of the actor's client. A new role and a disabled login end all of the user's
 * sessions.
 *
 * @throws {NotFoundError} if the client has no such user
 * @throws {AuthorizationError} if the old or the new role has more scopes than the actor; and as
 *   `actAs` throws
 * @throws {ConflictError} if the client would be left without an enabled admin
 */
export async function changeUser(
  dependencies: ActorDependencies,
  actor: Principal,
  id: string,
  changes: UserChanges,
  origin: AuditOrigin,
): Promise<User> {
  const { audit, now, onChange } = dependencies
  const changed = await actAs(dependencies, actor, 'users:write', async (tx, current) => {
    const user = await lockManaged(tx, current, id)
    if (changes.role !== undefined) demandRank(current, changes.role)
    const after = { name: user.name, role: user.role, disabled: user.disabled, ...changes }
    const fields = (['name', 'role', 'disabled'] as const).filter((f) => user[f] !== after[f])
    if (fields.length === 0) return user
    if (after.role !== 'admin' || after.disabled) await keepAnAdmin(tx, user)
    const ends = after.role !== user.role || (after.disabled && !user.disabled)
    const [row] = await tx
      .update(users)
      .set({ ...after, ...(ends && { sessionEpoch: sql`${users.sessionEpoch} + 1` }) })
      .where(eq(users.id, id))
      .returning(userColumns)
    if (ends) await revokeSessions(tx, { userId: id, at: new Date(now()) })
    const resource = { type: 'user', id }
    const updated = fields.filter((field) => field !== 'disabled' || !after.disabled)
    if (updated.length > 0)
      await audit.recordWith(tx, {
        event: 'USER_UPDATED',
        origin,
        details: { fields: updated },
        resource,
      })
    if (updated.length < fields.length)
      await audit.recordWith(tx, { event: 'USER_DISABLED', origin, details: {}, resource })
    return row ?? user
  })
  onChange({ kind: 'user', id })
  return changed
}

/**
 * Erases a user of the actor's client: the row with name and e-mail goes (the e-mail is free
 * again), sessions end, keys that they made are revoked. The trail keeps their id. To be undone,
 * a user is disabled instead. Throws as {@linkcode changeUser} does.
 */
export async function eraseUser(
  dependencies: ActorDependencies,
  actor: Principal,
  id: string,
  origin: AuditOrigin,
): Promise<void> {
  const { audit, onChange } = dependencies
  const revoked = await actAs(dependencies, actor, 'users:write', async (tx, current) => {
    const user = await lockManaged(tx, current, id)
    await keepAnAdmin(tx, user)
    const keys = await revokeKeys(tx, dependencies, eq(apiKeys.createdBy, id), origin)
    await tx.delete(users).where(eq(users.id, id))
    await audit.recordWith(tx, {
      event: 'USER_ERASED',
      origin,
      details: {},
      resource: { type: 'user', id },
    })
    return keys
  })
  onChange({ kind: 'user', id })
  for (const key of revoked) onChange({ kind: 'key', id: key })
}

/** A user whom the actor may manage, locked; so is the client, for the count of its admins. */
async function lockManaged(tx: Executor, actor: Principal, id: string): Promise<User> {
  const user = await lockUser(tx, id)
  if (user === undefined || user.clientId !== actor.clientId)
    throw new NotFoundError('There is no such user')
  demandRank(actor, user.role)
  return user
}

/** Called before an admin stops being one; the client's row is locked. */
async function keepAnAdmin(tx: Executor, { id, clientId, role, disabled }: User): Promise<void> {
  if (role !== 'admin' || disabled) return
  const [another] = await tx
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.clientId, clientId),
        ne(users.id, id),
        eq(users.role, 'admin'),
        eq(users.disabled, false),
      ),
    )
    .limit(1)
  if (another === undefined)
    throw new ConflictError('CONFLICT', 'A client needs at least one enabled admin')
}
