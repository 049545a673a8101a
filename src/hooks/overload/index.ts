import { Elysia } from 'elysia'
import { OverloadedError } from '../../errors.ts'
import type { Keeping } from '../keeping.ts'
import { answersProblems, refusal } from '../refusal.ts'
import { loopLag } from './loop-lag.ts'

/** What there was too much of: in all, or the event loop's lag, or of one client. */
export type OverloadReason = 'in_flight' | 'event_loop_lag' | 'in_flight_of_client'

/** A request was not let in. Nothing was done for it, so it may be sent again. */
export class WorkRefusedError extends OverloadedError {}

/** Options of {@linkcode overload}. */
export interface OverloadOptions {
  /** Requests at a time, from their headers to the first byte of their answer. @default 2000 */
  readonly maxInFlight?: number
  /** Milliseconds by which the event loop may be late, on average over about a second. @default 500 */
  readonly maxLag?: number
  /** How many of them may be one client's, so that nobody holds all places. @default all */
  readonly maxInFlightOfClient?: number
  /** Whose a request is; undefined for nobody's. Asked once for each. @default nobody's */
  readonly client?: (request: Request) => string | undefined
  /** Says which requests are always let in: probes, scrapers, what must not be lost. @default none */
  readonly exempt?: (request: Request) => boolean
  /** Hears of each request that is refused. */
  readonly onRefusal?: (reason: OverloadReason) => void
  /** Hears when an overload begins, and when it is over: not of each request. */
  readonly onChange?: (state: 'begins' | 'ends', reason: keyof typeof relief) => void
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
export function overload(options: OverloadOptions = {}) {
  const { maxInFlight = 2000, maxInFlightOfClient = maxInFlight, maxLag = 500 } = options
  const { client = () => undefined, exempt, onRefusal, onChange } = options
  for (const [name, limit] of Object.entries({ maxInFlight, maxInFlightOfClient, maxLag }))
    if (!(Number.isSafeInteger(limit) && limit > 0))
      throw new RangeError(`${name} must be a whole number from 1 up, got ${limit}`)

  const overloaded = { in_flight: false, event_loop_lag: false }
  const change = (reason: keyof typeof relief, is: boolean) => {
    if (overloaded[reason] === is) return
    overloaded[reason] = is
    onChange?.(is ? 'begins' : 'ends', reason)
  }
  let inFlight = 0
  const clients = countByClient()
  const lag = loopLag(
    () => overloaded.event_loop_lag,
    () => {
      if (lag.average > maxLag) change('event_loop_lag', true)
      else if (lag.average < maxLag * relief.event_loop_lag) change('event_loop_lag', false)
    },
  )
  const finished = (request: Request) => {
    inFlight--
    clients.leave(request)
    if (overloaded.in_flight && inFlight < maxInFlight * relief.in_flight)
      change('in_flight', false)
  }
  const reasonToRefuse = (request: Request): OverloadReason | undefined => {
    if (inFlight > maxInFlight) {
      change('in_flight', true)
      return 'in_flight'
    }
    if (overloaded.event_loop_lag) return 'event_loop_lag'
    const whose = client(request)
    if (whose === undefined || clients.enter(request, whose) <= maxInFlightOfClient)
      return undefined
    return 'in_flight_of_client'
  }

  return new Elysia({ name: 'caly/overload', seed: [maxInFlight, maxLag] })
    .wrap((handle, request) => (...args: unknown[]) => {
      inFlight++
      lag.touch()
      let answer: unknown
      try {
        answer = handle(...args)
      } finally {
        if (!(answer instanceof Promise)) finished(request)
      }
      if (answer instanceof Promise) {
        const done = () => finished(request)
        void answer.then(done, done)
      }
      return answer
    })
    .onRequest((context) => {
      const { request } = context
      const isAnswered = answersProblems in context
      // In a group Elysia leaves the wrap out: what is not counted in would never be counted out.
      if (inFlight === 0) return
      const reason = reasonToRefuse(request)
      if (reason === undefined || exempt?.(request)) return
      onRefusal?.(reason)
      throw refusal(
        new WorkRefusedError('The service has too much to do: try again shortly'),
        isAnswered,
      )
    })
}

/** What a client has under way. */
interface UnderWay {
  readonly client: string
  count: number
}

/** Counts what is under way of each client; keeps nothing of those who have nothing. */
function countByClient() {
  const counts = new Map<string, UnderWay>()
  // One for each hook: there may be others, with counts of their own.
  const underWay = Symbol('caly.overload.under-way')
  type Entered = Keeping<typeof underWay, UnderWay | undefined>
  return {
    /** @returns how many the client has now */
    enter(request: Entered, client: string): number {
      let its = counts.get(client)
      if (its === undefined) {
        its = { client, count: 0 }
        counts.set(client, its)
      }
      request[underWay] = its
      return ++its.count
    },
    leave(request: Entered): void {
      const its = request[underWay]
      if (its === undefined) return
      request[underWay] = undefined
      if (--its.count === 0) counts.delete(its.client)
    },
  }
}
