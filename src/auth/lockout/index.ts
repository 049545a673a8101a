import { createHmac } from 'node:crypto'
import type { Drizzle, Executor } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import { addressKey } from '../../hooks/rate-limit/index.ts'
import { currentRequest } from '../../hooks/request-context/index.ts'
import { type AttemptKeys, countAttempt, forgiveAttempt, uncountAttempt } from './attempts.ts'
import { forgetOtherPlaces, isKnownPlace, rememberPlace } from './places.ts'

export { deleteForgotten, unlockAccount } from './attempts.ts'
export { deleteOldPlaces } from './places.ts'
export {
  accountPolicy,
  addressPolicy,
  maxPlaces,
  placeLifetime,
  type WaitPolicy,
} from './policy.ts'

/** A password about to be tried; counted as a failure until it is told otherwise. */
export interface Attempt {
  /** Whether the password may decide anything: while the account is locked, a right one does not. */
  readonly allowed: boolean
  /** Whether the user has logged in before from where this comes. */
  readonly atHome: boolean
  /** What is locked from now on, should the password be wrong. */
  readonly locks: 'address' | 'account' | undefined
  /** The password was right: takes the attempt back, and remembers the place. */
  succeeded(tx: Executor): Promise<void>
  /** Nobody could tell whether the password was right: takes the attempt back. */
  undone(): Promise<void>
  /** The password is a new one from now on: no other place is known. */
  forgetOtherPlaces(tx: Executor): Promise<void>
}

/** Bounds how often passwords of an account are tried. */
export interface Lockout {
  /**
   * Counts an attempt from the address of the request at hand. What is counted, and the work that it
   * takes, is the same for an account that does not exist.
   */
  attempt(account: {
    /** Normalised. */
    readonly email: string
    /** Undefined where there is no such user. */
    readonly userId: string | undefined
  }): Promise<Attempt>
}

/** What a lockout needs. */
export interface LockoutOptions {
  readonly db: Drizzle
  readonly keyring: Pick<Keyring, 'keys'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Counts by account and address prefix, and by account over all addresses; in the database, so that
 * all replicas count together and a restart forgets nothing. Where the user has logged in before,
 * nothing is enforced: no stranger can lock anybody out of their usual place.
 *
 * An address is taken as the rate limits take it: IPv4 whole, IPv6 by its /56. A whole /24 would let
 * in 255 neighbours of a known address, whom anyone can rent.
 */
export function lockout({ db, keyring, now }: LockoutOptions): Lockout {
  /** Hashes under every key of the keyring, the current one first: addresses are personal data. */
  const hashes = (label: string, ...words: readonly string[]): [Uint8Array, ...Uint8Array[]] => {
    const [current, ...older] = keyring.keys(label)
    const hash = ({ key }: typeof current) =>
      createHmac('sha256', key).update(words.join('\0')).digest().subarray(0, 16)
    return [hash(current), ...older.map(hash)]
  }

  const clock = () => new Date(now())

  return {
    async attempt({ email, userId }) {
      const prefix = addressKey(currentRequest()?.clientAddress ?? 'unknown')
      const place = hashes('login-place', email, prefix)
      const at = clock()
      const atHome = await isKnownPlace(db, userId ?? null, place, at)
      // At home it is counted apart, and not heeded: only the work is the same.
      const where = atHome ? 'home' : 'away'
      const [account] = hashes('login-attempt', where, email)
      const [address] = hashes('login-attempt', where, email, prefix)
      const keys: AttemptKeys = { account, address }
      const { allowed, locks } = await countAttempt(db, keys, userId, at)
      return {
        allowed: allowed || atHome,
        atHome,
        locks: atHome ? undefined : locks,
        async succeeded(tx) {
          const now = clock()
          if (allowed) await forgiveAttempt(tx, keys, now)
          if (userId !== undefined) await rememberPlace(tx, userId, place[0], now)
        },
        async undone() {
          if (allowed) await uncountAttempt(db, keys, clock())
        },
        async forgetOtherPlaces(tx) {
          if (userId !== undefined) await forgetOtherPlaces(tx, userId, place[0])
        },
      }
    },
  }
}
