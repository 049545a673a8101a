import { Counters } from './counters.ts'
import { gcra } from './gcra.ts'
import type { LimiterStore, Policy } from './store.ts'

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /** Keys kept of each policy at most; 32 to 50 bytes each. @default 100000 */
  readonly maxKeys?: number
  /** Milliseconds; may only go forward. @default performance.now */
  readonly now?: () => number
}

/**
 * Keeps limits in this process's memory, bounded, without a timer and without a sweep.
 *
 * Where a policy's keys are all taken, the one that is nearest to be forgotten makes place for a
 * newcomer, but none that is refused at the moment: when all are, the newcomers share one bucket. So
 * no flood of addresses frees anybody who is limited.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LimiterStore {
  const { maxKeys = 100_000, now = () => performance.now() } = options
  if (!(Number.isSafeInteger(maxKeys) && maxKeys > 0))
    throw new RangeError(`maxKeys must be a whole number from 1 up, got ${maxKeys}`)
  const tables = new Map<string, Table>()

  const tableOf = ({ name }: Policy): Table => {
    let table = tables.get(name)
    if (table === undefined) {
      table = { counters: new Counters(maxKeys), overflow: 0 }
      tables.set(name, table)
    }
    return table
  }
  const clock = () => Math.floor(now() * 1000)

  return {
    immediate: true,
    take(policy, key, cost) {
      const { quota } = policy
      const table = tableOf(policy)
      const { counters } = table
      const time = clock()
      const slot = counters.find(key)
      if (slot >= 0) {
        const verdict = gcra(quota, counters.get(slot), time, cost)
        if (verdict.allowed) counters.set(slot, verdict.tat)
        return verdict
      }
      const fresh = gcra(quota, undefined, time, cost)
      if (!fresh.allowed) return fresh
      const { earliest } = counters
      const isLimited = earliest + quota.interval > time + quota.limit * quota.interval
      if (!counters.isFull || !isLimited) {
        counters.add(fresh.tat)
        return fresh
      }
      const shared = gcra(quota, table.overflow, time, cost)
      if (shared.allowed) table.overflow = shared.tat
      return shared
    },

    giveBack(policy, key, amount) {
      const { counters } = tableOf(policy)
      const slot = counters.find(key)
      // Of the shared bucket nothing comes back: whose it was is not known any more.
      if (slot >= 0) counters.set(slot, counters.get(slot) - amount)
    },
  }
}

interface Table {
  readonly counters: Counters
  /** The theoretical arrival time of the newcomers' bucket. */
  overflow: number
}
