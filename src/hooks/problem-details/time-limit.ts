import { setTimeout } from 'node:timers'
import { Elysia } from 'elysia'
import { InternalError, OverloadedError, type ProblemError } from '../../errors.ts'
import { problemResponse } from '../../problem.ts'

/** What the time limit needs to know of the request that runs out of time. */
export interface TimedRequest {
  /** The headers that hooks have set so far: this answer is made outside of Elysia. */
  readonly headers: Readonly<Record<string, string | number>>
  /** The template of the matched route. */
  readonly route: string | undefined
  /** Stops what still runs for the request. */
  readonly abort: (reason: Error) => void
}

/** Options of {@linkcode timeLimit}. */
export interface TimeLimitOptions<Current extends TimedRequest> {
  /** Milliseconds to the first byte of the answer. */
  readonly after: number
  /** The request at hand. @default none: the answer has no headers but its own */
  readonly current?: () => Current | undefined
  /** Hears of each problem that is answered here, before it is sent. */
  readonly onProblem?: (problem: ProblemError, current: Current | undefined) => void
}

interface Waiting {
  readonly deadline: number
  readonly giveUp: () => void
}

/**
 * Answers 503 when a request takes too long, and 500 when it fails in a way that Elysia cannot
 * catch (`throw null`). Requests that are answered at once cost nothing; the others share one
 * timer, since all have the same limit.
 * Stage: around everything.
 */
export function timeLimit<Current extends TimedRequest = TimedRequest>({
  after,
  current,
  onProblem,
}: TimeLimitOptions<Current>) {
  if (!(Number.isSafeInteger(after) && after > 0))
    throw new RangeError(`after must be whole milliseconds from 1 up, got ${after}`)
  // A set keeps the order of insertion, which is the order of the deadlines.
  const waiting = new Set<Waiting>()
  let scheduled = false

  const schedule = (delay: number) => {
    scheduled = true
    setTimeout(sweep, delay).unref()
  }

  const sweep = () => {
    scheduled = false
    const now = performance.now()
    for (const request of waiting) {
      if (request.deadline > now) break
      waiting.delete(request)
      request.giveUp()
    }
    const [next] = waiting
    if (next) schedule(Math.max(1, next.deadline - performance.now()))
  }

  const answer = (problem: ProblemError, request: Current | undefined): Response => {
    onProblem?.(problem, request)
    const headers = request?.headers ?? {}
    const requestId = headers['x-request-id']
    const response = problemResponse(problem, {
      instance: request?.route,
      requestId: requestId === undefined ? undefined : String(requestId),
    })
    for (const [name, value] of Object.entries(headers))
      if (!response.headers.has(name)) response.headers.set(name, String(value))
    return response
  }

  const limited = (pending: Promise<Response>, request: Current | undefined) =>
    new Promise<Response>((resolve) => {
      const entry: Waiting = {
        deadline: performance.now() + after,
        giveUp: () => {
          const problem = new OverloadedError('The request took too long and was stopped')
          request?.abort(problem)
          resolve(answer(problem, request))
        },
      }
      waiting.add(entry)
      if (!scheduled) schedule(after)
      pending.then(
        (response) => {
          waiting.delete(entry)
          resolve(response)
        },
        (cause: unknown) => {
          if (waiting.delete(entry)) resolve(answer(new InternalError(cause), request))
        },
      )
    })

  return new Elysia({ name: 'caly/time-limit', seed: after }).wrap(
    (handle) =>
      (...args: unknown[]) => {
        try {
          const response: unknown = handle(...args)
          // Timers run outside of the request's own context: what they need is taken along.
          return response instanceof Promise ? limited(response, current?.()) : response
        } catch (cause) {
          return answer(new InternalError(cause), current?.())
        }
      },
  )
}
