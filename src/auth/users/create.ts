import type { Executor } from '#db/database.ts'
import { users } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { ConflictError } from '../../errors.ts'
import { type ActorDependencies, actAs } from '../actor.ts'
import type { AuthDependencies } from '../dependencies.ts'
import type { Principal } from '../principal.ts'
import type { Role } from '../scopes.ts'
import { demandRank } from './rank.ts'
import { normalizeEmail, type User, userColumns } from './user.ts'

/** A user to be. */
export interface NewUser {
  readonly clientId: string
  readonly email: string
  readonly name: string
  readonly role: Role
}

/**
 * Creates a user, for the shell.
 *
 * @param password one that `passwordFault` has no objection to
 * @throws {ConflictError} if the e-mail has an account already, of whichever client
 */
export async function createUser(
  { db, audit, hasher }: Pick<AuthDependencies, 'db' | 'audit' | 'hasher'>,
  { password, ...user }: NewUser & { readonly password: string },
  origin: AuditOrigin,
): Promise<User> {
  const passwordHash = await hasher.hash(password)
  return db.transaction((tx) => insertUser(tx, audit, { ...user, passwordHash }, origin))
}

/**
 * Creates a user of the actor's client. Their rank is demanded before the password is hashed, which
 * is work, and after, when it counts.
 *
 * @param password one that `passwordFault` has no objection to
 * @throws {AuthorizationError} if the role has more scopes than the actor; and as `actAs` throws
 * @throws {ConflictError} if the e-mail has an account already, of whichever client
 */
export async function createUserAs(
  dependencies: ActorDependencies,
  actor: Principal,
  { password, ...user }: Omit<NewUser, 'clientId'> & { readonly password: string },
  origin: AuditOrigin,
): Promise<User> {
  demandRank(actor, user.role)
  const passwordHash = await dependencies.hasher.hash(password)
  return actAs(dependencies, actor, 'users:write', async (tx, current) => {
    demandRank(current, user.role)
    const { clientId } = current
    return insertUser(tx, dependencies.audit, { ...user, clientId, passwordHash }, origin)
  })
}

/** Adds a user in a transaction that is open already. Throws as {@linkcode createUser} does. */
export async function insertUser(
  tx: Executor,
  audit: AuthDependencies['audit'],
  { email, ...user }: NewUser & { readonly passwordHash: string },
  origin: AuditOrigin,
): Promise<User> {
  const [row] = await tx
    .insert(users)
    .values({ ...user, email: normalizeEmail(email) })
    .onConflictDoNothing({ target: users.email })
    .returning(userColumns)
  if (row === undefined) throw new ConflictError('CONFLICT', 'This e-mail has an account already')
  await audit.recordWith(tx, {
    event: 'USER_CREATED',
    origin: { ...origin, clientId: row.clientId },
    details: { role: row.role },
    resource: { type: 'user', id: row.id },
  })
  return row
}
