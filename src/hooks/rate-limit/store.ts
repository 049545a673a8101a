import type { Quota, Verdict } from './gcra.ts'

/** A quota by the name under which headers, metrics and stores know it. */
export interface Policy {
  /** `[a-z0-9-]`, unique in an app. */
  readonly name: string
  readonly quota: Quota
}

/** Where limiters keep their one number a key. */
export interface LimiterStore {
  /**
   * Whether `take` answers at once, always: then no request waits a turn for its verdict.
   *
   * @default false
   */
  readonly immediate?: boolean
  /** Judges a request and, if it may pass, charges its cost: in one step. Never rejects. */
  take(policy: Policy, key: string, cost: number): Verdict | Promise<Verdict>
  /**
   * Takes a charge back: of a request that something else refused, or that turned out cheaper.
   *
   * @param amount whole microseconds, as `refundable()` has them
   */
  giveBack(policy: Policy, key: string, amount: number): void
}
