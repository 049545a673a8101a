/** Holds requests to what an account may send: Exotel answers 429 beyond it (documented: 200 a minute). */
import type { LimiterStore, Quota } from '../../hooks/rate-limit/index.ts'

/** So many requests in so long. */
export interface RateSetting {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

/** The pace of one account. */
export interface Pace {
  /** Takes a turn. @returns milliseconds to wait before asking again; 0: it is taken */
  take(urgency: 'placing' | 'inquiry'): Promise<number>
}

/**
 * @param setting undefined: as fast as it goes
 * @param store shared by all replicas with `REDIS_URL`; else each counts alone, and 429 holds them back
 * @param account tells accounts apart in a shared store
 */
export function pace(setting: RateSetting | undefined, store: LimiterStore, account: string): Pace {
  if (setting === undefined) return { take: async () => 0 }
  const share = (part: number) => ({
    limit: Math.max(1, Math.floor(setting.limit * part)),
    window: setting.window,
  })
  const all = { name: 'exotel', quota: strict(setting) }
  // Neither can take all of it: calls are placed while many are asked about, and asked about while
  // many wait to be placed.
  const own = {
    placing: { name: 'exotel-placing', quota: strict(share(0.9)) },
    inquiry: { name: 'exotel-inquiries', quota: strict(share(0.5)) },
  }
  return {
    async take(urgency) {
      const part = own[urgency]
      const mine = await store.take(part, account, 1)
      if (!mine.allowed) return milliseconds(mine.retryAfter)
      const verdict = await store.take(all, account, 1)
      if (verdict.allowed) return 0
      // Not used: it must not be missing the next time.
      store.giveBack(part, account, part.quota.interval)
      return milliseconds(verdict.retryAfter)
    },
  }
}

/** Stores count in microseconds. */
const milliseconds = (microseconds: number): number => Math.ceil(microseconds / 1000)

/**
 * A quota that no window of that length exceeds: what may come at once is taken off the rate, since
 * the algorithm (GCRA) allows both.
 */
function strict({ limit, window }: RateSetting): Quota {
  const burst = Math.max(1, Math.floor(limit / 10))
  return { limit: burst, interval: Math.ceil((window * 1000) / Math.max(1, limit - burst)) }
}
