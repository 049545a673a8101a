import { kinds as attackKinds, type Finding, type Kind } from './finding.ts'

/** Options of {@linkcode scanWatch}. */
export interface ScanWatchOptions {
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly now?: () => number
  /** Milliseconds that a source is watched for at a time. @default 60000 */
  readonly window?: number
  /** Different paths that no route has, asked for within a window. @default 20 */
  readonly unknownPaths?: number
  /** Different things that are not there, on routes that are, asked for within a window. @default 100 */
  readonly missing?: number
  /** Different kinds of attack within a window. @default 3 */
  readonly kinds?: number
  /** Sources that are watched at a time; some 4 KB each at most. @default 10000 */
  readonly sources?: number
}

/** Notices sources that behave like a scanner, which no single request tells. */
export interface ScanWatch {
  /**
   * A source asked for what is not there.
   *
   * @returns whether that makes it a scanner: once in each window
   */
  missed(source: string, sign: 'unknown-path' | 'missing', path: string): boolean
  /** A source's request had findings. @returns the same */
  attacked(source: string, kinds: Iterable<Finding['kind']>): boolean
}

interface Watched {
  readonly since: number
  readonly unknownPaths: Set<number>
  readonly missing: Set<number>
  readonly kinds: Set<Kind>
  told: boolean
}

/**
 * Bounded, without a timer: where all places are taken, the source that was watched first goes. A
 * flood of addresses so hides a slow scanner, never a fast one: what matters is within one window.
 *
 * The same path again and again (a probe that was set up wrongly, a browser that wants an icon) is no
 * sign of anything, so paths are kept apart by a hash of 32 bits.
 */
export function scanWatch(options: ScanWatchOptions = {}): ScanWatch {
  const { now = () => performance.now(), window = 60_000, sources = 10_000 } = options
  const limits = {
    unknownPaths: options.unknownPaths ?? 20,
    missing: options.missing ?? 100,
    kinds: options.kinds ?? 3,
  }
  /** In the order in which their windows began. */
  const watched = new Map<string, Watched>()

  function watchOf(source: string): Watched {
    const known = watched.get(source)
    const since = now()
    if (known !== undefined && since - known.since < window) return known
    watched.delete(source)
    const [first] = watched.size >= sources ? watched.keys() : []
    if (first !== undefined) watched.delete(first)
    const fresh = {
      since,
      unknownPaths: new Set<number>(),
      missing: new Set<number>(),
      kinds: new Set<Kind>(),
      told: false,
    }
    watched.set(source, fresh)
    return fresh
  }

  function tells(watch: Watched): boolean {
    const isScanner =
      watch.unknownPaths.size >= limits.unknownPaths ||
      watch.missing.size >= limits.missing ||
      watch.kinds.size >= limits.kinds
    if (!isScanner || watch.told) return false
    watch.told = true
    return true
  }

  return {
    missed(source, sign, path) {
      const watch = watchOf(source)
      // Once it is told, there is nothing more to learn in this window.
      if (!watch.told) (sign === 'missing' ? watch.missing : watch.unknownPaths).add(hashOf(path))
      return tells(watch)
    },
    attacked(source, kinds) {
      const watch = watchOf(source)
      for (const kind of kinds) if (isAttack(kind)) watch.kinds.add(kind)
      return tells(watch)
    },
  }
}

const isAttack = (kind: Finding['kind']): kind is Kind => attackKinds.some((one) => one === kind)

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
