import type { Drizzle } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import type { AuditTrail } from '../audit/index.ts'
import type { ActorDependencies } from './actor.ts'
import { type Authenticate, authenticator } from './authenticator.ts'
import type { AuthChange } from './changes.ts'
import { type Denials, denials } from './denials.ts'
import { keyStates } from './keys/key-states.ts'
import { lastUsed } from './keys/last-used.ts'
import { type Lockout, lockout } from './lockout/index.ts'
import type { PasswordHasher } from './passwords/index.ts'
import { accessTokens } from './sessions/access-token.ts'
import { sessionOf, sessionStates } from './sessions/session-states.ts'
import { type Sessions, sessions } from './sessions/sessions.ts'

/** What {@linkcode authService} needs. */
export interface AuthServiceOptions {
  readonly db: Drizzle
  readonly keyring: Pick<Keyring, 'keys'>
  readonly audit: AuditTrail
  /** Stays the caller's to close. */
  readonly hasher: PasswordHasher
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Milliseconds of a clock that never goes back, for what is remembered. @default performance.now */
  readonly monotonic?: () => number
  /** Hears of background work that failed and comes again (when keys were last used). */
  readonly onError?: (error: unknown) => void
  /**
   * Since when other processes' changes have all been told to `forget`, on the monotonic clock.
   * @default {() => undefined} never: caches ask the database after 400 ms
   */
  readonly toldSince?: () => number | undefined
}

/** Who may come in. One for a process; routes and plugin share it. */
export interface AuthService {
  readonly authenticate: Authenticate
  readonly sessions: Sessions
  readonly denials: Denials
  /** What the functions of users and keys need. */
  readonly dependencies: ActorDependencies & { readonly lockout: Lockout }
  /**
   * Forgets what the caches believe of a user, a session or a key. This process' own changes do
   * it; whoever hears of another process's calls this.
   */
  forget(change: AuthChange): void
  /** Writes what is still to be written. */
  close(): Promise<void>
}

/** Puts the parts together. */
export function authService(options: AuthServiceOptions): AuthService {
  const {
    db,
    keyring,
    audit,
    hasher,
    now = Date.now,
    monotonic = () => performance.now(),
  } = options
  const freshness = { monotonic, toldSince: options.toldSince ?? (() => undefined) }
  const states = sessionStates(db, freshness)
  const keys = keyStates(db, freshness)
  const used = lastUsed({ db, now, onError: options.onError ?? (() => {}) })
  const refusals = denials(audit)
  const tokens = accessTokens({ keyring, now })

  const forget = ({ kind, id }: AuthChange) => {
    if (kind !== 'key')
      states.forget(({ userId }, key) => (kind === 'user' ? userId : sessionOf(key)) === id)
    if (kind !== 'session')
      keys.forget(({ createdBy }, key) => (kind === 'user' ? createdBy : key) === id)
  }
  const dependencies = {
    lockout: lockout({ db, keyring, now }),
    db,
    audit,
    hasher,
    now,
    denials: refusals,
    onChange: forget,
  }

  return {
    authenticate: authenticator({ tokens, sessions: states, keys, used, denials: refusals, now }),
    sessions: sessions({ ...dependencies, tokens }),
    denials: refusals,
    dependencies,
    forget,
    close: () => used.close(),
  }
}
