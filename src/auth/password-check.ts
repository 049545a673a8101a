import type { AuditEntry, AuditOrigin, AuditTrail } from '../audit/index.ts'
import type { Attempt, Lockout } from './lockout/index.ts'
import type { PasswordHasher } from './passwords/index.ts'

/** Whose password is asked for. */
export interface Claim {
  /** Normalised. */
  readonly email: string
  readonly password: string
  /** Undefined where there is no such user: no password is right then, after the same work. */
  readonly user: { readonly id: string; readonly passwordHash: string } | undefined
}

/** What became of it. A right password does not count while the account is locked. */
export interface CheckedPassword {
  readonly right: boolean
  readonly attempt: Attempt
}

/**
 * Compares a password, as far as the lockout allows. The password is hashed in any case, so that
 * nobody can see whether it was looked at; that of a user in a known place before all others.
 *
 * @throws {OverloadedError} if too many wait; the attempt is not counted then
 */
export async function checkPassword(
  { lockout, hasher }: { readonly lockout: Lockout; readonly hasher: PasswordHasher },
  { email, password, user }: Claim,
): Promise<CheckedPassword> {
  const attempt = await lockout.attempt({ email, userId: user?.id })
  try {
    const right = await hasher.verify(user?.passwordHash, password, attempt.atHome)
    return { right: right && attempt.allowed, attempt }
  } catch (error) {
    await attempt.undone()
    throw error
  }
}

/** Why a login was refused. */
export type LoginFailureReason = 'unknown_user' | 'wrong_password' | 'disabled' | 'locked'

/** A refusal, for the trail. */
export interface LoginFailure {
  readonly reason: LoginFailureReason
  readonly attempt: Attempt
  readonly origin: AuditOrigin
  /** Undefined for one that does not exist. The e-mail is not kept: people type passwords into it. */
  readonly userId: string | undefined
  readonly statusCode: number
}

/**
 * Records a refusal, and that it locks the account. Also for an account that does not exist: so that
 * the answer takes as long, and since somebody is guessing there too.
 */
export async function recordLoginFailure(
  audit: AuditTrail,
  { reason, attempt: { locks }, origin, userId, statusCode }: LoginFailure,
): Promise<void> {
  const common = {
    origin,
    statusCode,
    ...(userId !== undefined && { resource: { type: 'user', id: userId } }),
  }
  const failure = { ...common, event: 'LOGIN_FAILURE', details: { reason } } as const
  const events: AuditEntry[] = [failure]
  if (locks !== undefined)
    events.push({ ...common, event: 'ACCOUNT_LOCKED', details: { scope: locks } })
  await Promise.all(events.map(audit.record))
}
