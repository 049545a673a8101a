import type { Quota, Verdict } from './gcra.ts'

/** Where a limiter keeps its one number a key. */
export interface LimiterStore {
  /** Judges a request and keeps the new state, in one step. */
  take(key: string, quota: Quota, cost: number): Verdict | Promise<Verdict>
}
