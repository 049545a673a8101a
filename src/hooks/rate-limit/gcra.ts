/** A quota: `limit` requests at once, then one more for every `interval` that passes. */
export interface Quota {
  readonly limit: number
  /** Whole microseconds: sums of fractions drift, and refuse the last request of the quota. */
  readonly interval: number
}

/** The verdict on one request. Times are microseconds from now. */
export interface Verdict {
  readonly allowed: boolean
  /** How many more requests of cost 1 would pass at once. */
  readonly remaining: number
  /** How long until a request of this cost gets through; 0 where it did. */
  readonly retryAfter: number
  /** How long until the whole quota is there again. */
  readonly reset: number
}

/** A verdict, and the algorithm's only state after it. */
export interface Judgement extends Verdict {
  /** The theoretical arrival time to keep for the key. */
  readonly tat: number
}

/**
 * Judges one request by the generic cell rate algorithm (ITU-T I.371, virtual scheduling).
 * Pure: the caller reads the clock and keeps the state. `redis-script.ts` says the same in Lua.
 * A refused request leaves the state as it was.
 *
 * @param tat the theoretical arrival time that was kept; undefined for a key that is new
 * @param now microseconds; any epoch, as long as it is the one of `tat`
 * @param cost how many requests this one counts for
 */
export function gcra(
  { limit, interval }: Quota,
  tat: number | undefined,
  now: number,
  cost = 1,
): Judgement {
  const burst = limit * interval
  // Beyond the burst only a clock that was set back can lead.
  const start = Math.min(Math.max(tat ?? now, now), now + burst)
  const next = start + interval * cost
  const slack = now + burst - next
  if (slack < 0)
    return { allowed: false, remaining: 0, retryAfter: -slack, reset: start - now, tat: start }
  return {
    allowed: true,
    remaining: Math.floor(slack / interval),
    retryAfter: 0,
    reset: next - now,
    tat: next,
  }
}

/**
 * What may be taken back of a charge. A charge flows off as time passes, behind those before it;
 * what has flown off is there again already, and given back it would be there twice.
 *
 * @param charge microseconds that were charged
 * @param reset microseconds from then until the whole quota would be there again
 * @param elapsed microseconds since then
 */
export const refundable = (charge: number, reset: number, elapsed: number): number =>
  Math.floor(Math.max(0, Math.min(charge, reset - elapsed)))

/**
 * The quota of so many requests in so long.
 *
 * @param window milliseconds
 * @throws {RangeError} if either is not a whole number from 1 up
 */
export function quota(limit: number, window: number): Quota {
  if (!(Number.isSafeInteger(limit) && limit > 0 && Number.isSafeInteger(window) && window > 0))
    throw new RangeError(`a quota takes whole numbers from 1 up, got ${limit} in ${window} ms`)
  return { limit, interval: Math.ceil((window * 1000) / limit) }
}
