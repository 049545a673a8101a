import { and, eq, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { users } from '#db/schema/index.ts'
import type { AuditOrigin } from '../../audit/index.ts'
import { ConflictError, NotFoundError, ValidationError } from '../../errors.ts'
import { passwordFault, wordsOf } from '../../hooks/validation/index.ts'
import type { AuthDependencies } from '../dependencies.ts'
import { type Lockout, unlockAccount } from '../lockout/index.ts'
import { checkPassword, recordLoginFailure } from '../password-check.ts'
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
 * @throws {ValidationError} if the current password is wrong, or the new one is the same or made of
 *   the user's own e-mail
 * @throws {ConflictError} if the password was changed in the meantime
 * @throws {NotFoundError} if the user was erased in the meantime
 */
export async function changePassword(
  dependencies: AuthDependencies & { readonly lockout: Lockout },
  { userId, currentPassword, newPassword }: PasswordChange,
  origin: AuditOrigin,
): Promise<void> {
  const { db, hasher } = dependencies
  const [user] = await db.select().from(users).where(eq(users.id, userId))
  // Erased since the request was let in.
  if (user === undefined) throw new NotFoundError('There is no such user any more')
  const fault = passwordFault(newPassword, wordsOf(user.email))
  if (fault) throw invalid('body.newPassword', fault.code, `must be ${fault.expected}`)
  const claim = { email: user.email, password: currentPassword, user }
  const { right, attempt } = await checkPassword(dependencies, claim)
  if (!right) {
    const reason = attempt.allowed ? 'wrong_password' : 'locked'
    await recordLoginFailure(dependencies.audit, {
      reason,
      attempt,
      origin,
      userId,
      statusCode: 422,
    })
    throw invalid('body.currentPassword', 'wrong', 'is not the current password')
  }
  if (currentPassword.normalize('NFKC') === newPassword.normalize('NFKC')) {
    await attempt.undone()
    throw invalid('body.newPassword', 'same', 'must be another one')
  }
  const passwordHash = await hasher.hash(newPassword)
  await replacePassword(dependencies, user, passwordHash, origin, async (tx) => {
    await attempt.succeeded(tx)
    await attempt.forgetOtherPlaces(tx)
  })
}

/**
 * Sets the password of whoever has this e-mail, ends all of their sessions, and unlocks the account:
 * for the shell. Known places stay known: a guesser who goes on would lock the user out of them.
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
  const passwordHash = await dependencies.hasher.hash(password)
  await replacePassword(dependencies, user, passwordHash, origin, (tx) =>
    unlockAccount(tx, user.id),
  )
}

async function replacePassword(
  { db, audit, now, onChange }: AuthDependencies,
  { id, clientId, passwordHash: replaced }: typeof users.$inferSelect,
  passwordHash: string,
  origin: AuditOrigin,
  andThen: (tx: Executor) => Promise<void>,
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
    await andThen(tx)
    await audit.recordWith(tx, {
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
