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
  const all = { name: 'exotel', quota: strict(setting) }
  // Questions get half of it: calls must still be placed while many are asked about.
  const half = { limit: Math.max(1, Math.floor(setting.limit / 2)), window: setting.window }
  const inquiries = { name: 'exotel-inquiries', quota: strict(half) }
  return {
    async take(urgency) {
      if (urgency === 'inquiry') {
        const verdict = await store.take(inquiries, account, 1)
        if (!verdict.allowed) return milliseconds(verdict.retryAfter)
      }
      const verdict = await store.take(all, account, 1)
      return verdict.allowed ? 0 : milliseconds(verdict.retryAfter)
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
