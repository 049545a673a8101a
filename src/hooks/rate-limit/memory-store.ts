import { gcra } from './gcra.ts'
import type { LimiterStore } from './store.ts'

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /** Keys kept at most; some 100 bytes each. @default 100000 */
  readonly maxKeys?: number
  /** Milliseconds; may only go forward. @default performance.now */
  readonly now?: () => number
}

/** Newcomers share this key while every place is taken by a counter that still counts. */
const overflow = '\u0000overflow'

/**
 * Keeps limits in this process's memory, bounded. A flood of new keys pushes out nobody's counter:
 * only what is forgotten anyway makes place, looked for two at a time, so that no request pays for
 * a sweep and no key has a timer.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LimiterStore {
  const { maxKeys = 100_000, now = () => performance.now() } = options
  if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0))
    throw new RangeError(`maxKeys must be a whole number from 1 up, got ${maxKeys}`)
  const arrivals = new Map<string, number>()

  const forgetTwo = (time: number) => {
    let looked = 0
    for (const [key, tat] of arrivals) {
      if (tat <= time) arrivals.delete(key)
      // Moved to the back, so that the next look is at others.
      else if (arrivals.delete(key)) arrivals.set(key, tat)
      if (++looked === 2) return
    }
  }

  return {
    take(key, quota, cost) {
      const time = Math.floor(now() * 1000)
      const known = arrivals.get(key)
      if (known === undefined) forgetTwo(time)
      const place = known === undefined && arrivals.size >= maxKeys ? overflow : key
      const verdict = gcra(quota, arrivals.get(place), time, cost)
      if (verdict.allowed) arrivals.set(place, verdict.tat)
      return verdict
    },
  }
}
