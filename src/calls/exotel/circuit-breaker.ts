/**
 * A circuit breaker: after several failures in a row a service is left alone for a while, and then
 * asked by one request alone whether it is back.
 */

/** `open`: not asked. `half_open`: one request finds out. */
export type CircuitState = 'closed' | 'open' | 'half_open'

/** Options of {@linkcode circuitBreaker}. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. @default 5 */
  readonly failures?: number
  /** Milliseconds for which it first stays open; each further time twice as long. @default 5000 */
  readonly pause?: number
  /** The longest such time. @default 60000 */
  readonly longestPause?: number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly monotonic?: () => number
  /** From 0 up to 1: replicas must not come back together. @default Math.random */
  readonly random?: () => number
  /** Hears of every change. */
  readonly onChange?: (state: CircuitState) => void
}

/** A circuit breaker of one process. */
export interface CircuitBreaker {
  readonly state: CircuitState
  /** Milliseconds until {@linkcode wait} may give 0; takes nothing. */
  left(): number
  /**
   * Milliseconds until the service may be asked. 0: now, and the answer must be told by
   * {@linkcode succeeded} or {@linkcode failed}.
   */
  wait(): number
  succeeded(): void
  failed(): void
}

/** How long a request that finds out may take before another one tries, in milliseconds. */
const trialTime = 60_000
/** When others look again how it went, in milliseconds. */
const trialPause = 500

export function circuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const { failures: most = 5, pause = 5000, longestPause = 60_000 } = options
  const { monotonic = () => performance.now() } = options
  const { random = Math.random, onChange = () => {} } = options
  let state: CircuitState = 'closed'
  let failures = 0
  let openings = 0
  /** When it may be asked again; while half open, when the trial is given up. */
  let until = 0

  function turn(next: CircuitState): void {
    if (next === state) return
    state = next
    onChange(next)
  }

  function left(): number {
    const rest = state === 'closed' ? 0 : Math.max(0, until - monotonic())
    return state === 'half_open' ? Math.min(rest, trialPause) : rest
  }

  return {
    get state() {
      return state
    },

    left,

    wait() {
      const rest = left()
      if (state === 'closed' || rest > 0) return rest
      until = monotonic() + trialTime
      turn('half_open')
      return 0
    },

    succeeded() {
      failures = 0
      openings = 0
      turn('closed')
    },

    failed() {
      failures += 1
      if (state === 'closed' && failures < most) return
      // Requests that were under way when it opened say nothing new.
      if (state === 'open') return
      const length = Math.min(longestPause, pause * 2 ** openings)
      openings += 1
      until = monotonic() + length * (0.75 + random() / 2)
      turn('open')
    },
  }
}
