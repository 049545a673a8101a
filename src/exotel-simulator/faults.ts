/** What can go wrong at a provider, and on which occasion it does. */
import { createHash } from 'node:crypto'

/** Every fault by its name, with what it does. */
export const faults = {
  slow: 'connect is answered late, while the call is played already',
  error: 'connect answers 500, and places nothing',
  'error-placed': 'connect answers 500, but has placed the call',
  html: "connect answers 502 with a proxy's page, and places nothing",
  unreadable: 'connect answers 200 with broken JSON, and has placed the call',
  'lost-answer': 'connect places the call, and the connection is cut without an answer',
  reset: 'the connection is cut before anything is placed',
  'rate-limited': 'connect answers 429, and places nothing',
  'error-in-200': 'connect answers 200 with an error inside, and places nothing; not part of all',
  'callback-lost': 'a callback is not sent',
  'callback-twice': 'a callback is sent twice',
  'callback-reordered': "a call's terminal callback comes before its others",
  'callback-malformed': 'a broken body is sent beside the right one, to the right address',
  'callback-wrong-secret': 'a forged message is sent beside the right one, with another secret',
  'callback-late': 'a callback comes late',
  'details-error': 'Call Details answer 500',
  'details-slow': 'Call Details are answered late',
} as const

/** The name of a fault. */
export type Fault = keyof typeof faults

/** The share of occasions, 0 to 1, on which a fault holds; `all` stands for those not named. */
export type FaultShares = { readonly [Name in Fault | 'all']?: number }

const names = Object.keys(faults).filter(isFault)

/** Whether a text names a fault. */
export function isFault(name: string): name is Fault {
  return Object.hasOwn(faults, name)
}

/** Decides, and counts what it decided. */
export interface FaultPlan {
  /**
   * Whether a fault holds. The same seed, name and occasion get the same verdict, so that a run
   * with the same requests in the same order repeats.
   *
   * @param occasion what it would befall: the seventh request, a call's last callback
   */
  holds(fault: Fault, occasion: string): boolean
  /** Other shares from now on. @throws {RangeError} for a name or share that there is not */
  change(shares: FaultShares): void
  /** How often each has held. */
  counts(): Readonly<Record<string, number>>
}

/** @throws {RangeError} for a name or share that there is not */
export function faultPlan(
  seed: number,
  first: FaultShares,
  onFault: (fault: Fault, occasion: string) => void,
): FaultPlan {
  const counts = new Map<Fault, number>()
  let shares = sharesOf(first)
  return {
    holds(fault, occasion) {
      const share = shares.get(fault) ?? 0
      if (share === 0 || chance(seed, fault, occasion) >= share) return false
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
      onFault(fault, occasion)
      return true
    },
    change(next) {
      shares = sharesOf(next)
    },
    counts: () => Object.fromEntries(counts),
  }
}

function sharesOf(given: FaultShares): ReadonlyMap<Fault, number> {
  for (const [name, share] of Object.entries(given)) {
    if (name !== 'all' && !isFault(name)) throw new RangeError(`There is no fault ${name}`)
    if (share !== undefined && !(share >= 0 && share <= 1))
      throw new RangeError(`The share of ${name} must be from 0 to 1, got ${share}`)
  }
  // Nobody has shown an error under 200: it is played only where it is asked for by name.
  const shareOf = (name: Fault) => given[name] ?? (name === 'error-in-200' ? 0 : (given.all ?? 0))
  return new Map(names.map((name) => [name, shareOf(name)]))
}

/** From 0 up to, not including, 1: a generator without a state, so that no order matters. */
const chance = (seed: number, fault: Fault, occasion: string): number =>
  createHash('sha256').update(`${seed}\n${fault}\n${occasion}`).digest().readUIntBE(0, 6) / 2 ** 48
