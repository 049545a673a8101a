import { Elysia } from 'elysia'
import { OverloadedError } from '../../errors.ts'
import { loopLag } from './loop-lag.ts'

/** What there was too much of. */
export type OverloadReason = 'in_flight' | 'event_loop_lag'

/** A request was not let in. Nothing was done for it, so it may be sent again. */
export class WorkRefusedError extends OverloadedError {}

/** Options of {@linkcode overload}. */
export interface OverloadOptions {
  /** Requests at a time, from their headers to the first byte of their answer. */
  readonly maxInFlight: number
  /** Milliseconds by which the event loop may be late, on average over about a second. */
  readonly maxLag: number
  /** Says which requests are always let in: probes, scrapers, what must not be lost. @default none */
  readonly exempt?: (request: Request) => boolean
  /** Hears of each request that is refused. */
  readonly onRefusal?: (reason: OverloadReason) => void
  /** Hears when an overload begins, and when it is over: not of each request. */
  readonly onChange?: (state: 'begins' | 'ends', reason: OverloadReason) => void
}

/** An overload ends where this share of the limit is left, so that it does not end at every breath. */
const relief = { in_flight: 0.8, event_loop_lag: 0.5 } as const

/**
 * Refuses new work with 503 `OVERLOADED` and `Retry-After` while there is more than can be finished
 * in time. What was let in is finished. Recovers by itself; has no timer while there is nothing to do.
 * Stage: around everything (to count), then request. Costs a tenth of a microsecond a request.
 *
 * Use it after the hooks that set headers: a refusal ends the request stage.
 *
 * @throws {RangeError} if a limit is not a whole number from 1 up
 */
export function overload(options: OverloadOptions) {
  const { maxInFlight, maxLag, exempt, onRefusal, onChange } = options
  for (const [name, limit] of Object.entries({ maxInFlight, maxLag }))
    if (!(Number.isSafeInteger(limit) && limit > 0))
      throw new RangeError(`${name} must be a whole number from 1 up, got ${limit}`)

  const overloaded = { in_flight: false, event_loop_lag: false }
  const change = (reason: OverloadReason, is: boolean) => {
    if (overloaded[reason] === is) return
    overloaded[reason] = is
    onChange?.(is ? 'begins' : 'ends', reason)
  }
  let inFlight = 0
  const lag = loopLag(
    () => overloaded.event_loop_lag,
    () => {
      if (lag.average > maxLag) change('event_loop_lag', true)
      else if (lag.average < maxLag * relief.event_loop_lag) change('event_loop_lag', false)
    },
  )
  const finished = () => {
    inFlight--
    if (overloaded.in_flight && inFlight < maxInFlight * relief.in_flight)
      change('in_flight', false)
  }
  const reasonToRefuse = (): OverloadReason | undefined => {
    if (inFlight > maxInFlight) {
      change('in_flight', true)
      return 'in_flight'
    }
    return overloaded.event_loop_lag ? 'event_loop_lag' : undefined
  }

  return new Elysia({ name: 'caly/overload', seed: [maxInFlight, maxLag] })
    .wrap((handle) => (...args: unknown[]) => {
      inFlight++
      lag.touch()
      let answer: unknown
      try {
        answer = handle(...args)
      } finally {
        if (!(answer instanceof Promise)) finished()
      }
      if (answer instanceof Promise) void answer.then(finished, finished)
      return answer
    })
    .onRequest(({ request }) => {
      const reason = reasonToRefuse()
      if (reason === undefined || exempt?.(request)) return
      onRefusal?.(reason)
      throw new WorkRefusedError('The service has too much to do: try again shortly')
    })
}
