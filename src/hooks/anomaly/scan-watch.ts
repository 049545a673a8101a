import type { Finding } from './finding.ts'

/** Options of {@linkcode scanWatch}. */
export interface ScanWatchOptions {
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly now?: () => number
  /** Milliseconds that an address is watched for at a time. @default 60000 */
  readonly window?: number
  /** Requests to paths that no route has, within a window. @default 20 */
  readonly unknownPaths?: number
  /** Requests for things that are not there, on routes that are, within a window. @default 100 */
  readonly missing?: number
  /** Different kinds of attack within a window. @default 3 */
  readonly kinds?: number
  /** Addresses that are watched at a time; some 300 bytes each. @default 10000 */
  readonly addresses?: number
}

/** What one request of an address adds. */
export type Sign = 'unknown-path' | 'missing' | Finding['kind']

/** Notices addresses that behave like a scanner, which no single request tells. */
export interface ScanWatch {
  /** @returns whether this sign makes the address a scanner: once in each window */
  saw(address: string, sign: Sign): boolean
}

interface Watched {
  readonly since: number
  unknownPaths: number
  missing: number
  readonly kinds: Set<Sign>
  told: boolean
}

/**
 * Bounded, without a timer: where all places are taken, the address that was watched first goes. A
 * flood of addresses so hides a slow scanner, never a fast one: what matters is within one window.
 */
export function scanWatch(options: ScanWatchOptions = {}): ScanWatch {
  const { now = () => performance.now(), window = 60_000, addresses = 10_000 } = options
  const { unknownPaths = 20, missing = 100, kinds = 3 } = options
  /** In the order in which their windows began. */
  const watched = new Map<string, Watched>()

  function watchOf(address: string): Watched {
    const known = watched.get(address)
    const time = now()
    if (known !== undefined && time - known.since < window) return known
    watched.delete(address)
    if (watched.size >= addresses)
      for (const first of watched.keys()) {
        watched.delete(first)
        break
      }
    const fresh: Watched = {
      since: time,
      unknownPaths: 0,
      missing: 0,
      kinds: new Set(),
      told: false,
    }
    watched.set(address, fresh)
    return fresh
  }

  return {
    saw(address, sign) {
      const watch = watchOf(address)
      if (sign === 'unknown-path') watch.unknownPaths += 1
      else if (sign === 'missing') watch.missing += 1
      else watch.kinds.add(sign)
      const isScanner =
        watch.unknownPaths >= unknownPaths || watch.missing >= missing || watch.kinds.size >= kinds
      if (!isScanner || watch.told) return false
      watch.told = true
      return true
    },
  }
}
