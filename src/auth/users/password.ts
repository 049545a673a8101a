import { and, eq, sql } from 'drizzle-orm'
import { users } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { ConflictError, NotFoundError, ValidationError } from '../../errors.ts'
import type { AuthDependencies } from '../dependencies.ts'
import { revokeSessions } from '../sessions/revoke.ts'
import { normalizeEmail } from './user.ts'

/** A user's own change of password. Both passwords are within their bounds. */
export interface PasswordChange {
  readonly userId: string
  readonly currentPassword: string
  readonly newPassword: string
}

/**
 * Changes a password on the strength of the current one, and ends all of the user's sessions, the
 * one that asks too.
 *
 * @throws {ValidationError} if the current password is wrong, or the new one is the same
 * @throws {ConflictError} if the password was changed in the meantime
 */
export async function changePassword(
  dependencies: AuthDependencies,
  { userId, currentPassword, newPassword }: PasswordChange,
  origin: AuditOrigin,
): Promise<void> {
  const { db, audit, hasher } = dependencies
  const [user] = await db.select().from(users).where(eq(users.id, userId))
  if (!(await hasher.verify(user?.passwordHash, currentPassword)) || user === undefined) {
    await audit.record(db, {
      event: 'LOGIN_FAILURE',
      origin,
      details: { reason: 'wrong_password' },
      resource: { type: 'user', id: userId },
      statusCode: 422,
    })
    throw invalid('body.currentPassword', 'wrong', 'is not the current password')
  }
  if (currentPassword.normalize('NFKC') === newPassword.normalize('NFKC'))
    throw invalid('body.newPassword', 'same', 'must be another one')
  await replacePassword(dependencies, user, await hasher.hash(newPassword), origin)
}

/**
 * Sets the password of whoever has this e-mail, and ends all of their sessions: for the shell.
 *
 * @throws {NotFoundError} if nobody has it
 */
export async function setPassword(
  dependencies: AuthDependencies,
  { email, password }: { readonly email: string; readonly password: string },
  origin: AuditOrigin,
): Promise<void> {
  const [user] = await dependencies.db
    .select()
    .from(users)
    .where(eq(users.email, normalizeEmail(email)))
  if (user === undefined) throw new NotFoundError('There is no user with this e-mail')
  await replacePassword(dependencies, user, await dependencies.hasher.hash(password), origin)
}

async function replacePassword(
  { db, audit, now, onChange }: AuthDependencies,
  { id, clientId, passwordHash: replaced }: typeof users.$inferSelect,
  passwordHash: string,
  origin: AuditOrigin,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [changed] = await tx
      .update(users)
      .set({ passwordHash, sessionEpoch: sql`${users.sessionEpoch} + 1` })
      .where(and(eq(users.id, id), eq(users.passwordHash, replaced)))
      .returning({ id: users.id })
    if (changed === undefined)
      throw new ConflictError('CONFLICT', 'The password was changed in the meantime')
    await revokeSessions(tx, { userId: id, at: new Date(now()) })
    await audit.record(tx, {
      event: 'PASSWORD_CHANGED',
      origin: { ...origin, clientId },
      details: {},
      resource: { type: 'user', id },
    })
  })
  onChange({ kind: 'user', id })
}

const invalid = (path: string, code: string, message: string) =>
  new ValidationError([{ path, code, message }])
