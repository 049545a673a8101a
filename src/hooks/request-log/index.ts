import { Elysia } from 'elysia'
import { declaredLength } from '../declared-length.ts'
import { warnOfGroup } from '../everywhere.ts'
import { sizeOf } from '../sized-answers.ts'
import { shownPath } from './path.ts'

/** One line of the request log. None of it is the client's own text. */
export interface RequestLine {
  /** A known method, else `_OTHER`. */
  readonly method: string
  /** The route's template; undefined where none matched. */
  readonly route: string | undefined
  /** The template with its ids filled in. */
  readonly path: string | undefined
  /** Undefined where nobody was left to get the answer. */
  readonly status: number | undefined
  /** Milliseconds from arrival to the first byte of the answer. */
  readonly durationMs: number
  /** The body's size in bytes as the client announced it. */
  readonly bytesIn: number | undefined
  /** The answer's size in bytes, where it is announced. */
  readonly bytesOut: number | undefined
  /** It took longer than `slowRequest`. */
  readonly slow: boolean
  /** The client went away before there was an answer. */
  readonly aborted: boolean
}

/** How a line is to be read: 5xx are errors, 4xx, slow and aborted ones warnings. */
export type RequestLogLevel = 'info' | 'warn' | 'error'

/** Options of {@linkcode requestLog}. */
export interface RequestLogOptions {
  /** Takes a line, within the request's own context, when the answer is known. */
  readonly write: (level: RequestLogLevel, line: RequestLine) => void
  /** `performance.now()` at the arrival of the request at hand. @default when the hook gets it */
  readonly startedAt?: () => number | undefined
  /** Requests slower than this many milliseconds are warnings. @default 1000 */
  readonly slowRequest?: number
  /**
   * The template of the request at hand, once a route matched.
   * @default noted by a transform hook: routes added before the plugin have none
   */
  readonly route?: () => string | undefined
  /** The share of successful requests that get a line, from 0 to 1; all others always do. @default 1 */
  readonly sample?: number
  /** A number from 0 up to 1. @default Math.random */
  readonly random?: () => number
  /** Hears of each slow request. */
  readonly onSlow?: () => void
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Writes one line a request. Query, headers and the path's own text are not in it: they hold
 * secrets and numbers; the route's template says what was asked for.
 * Stage: around everything; use it inside of the request context.
 *
 * A client that leaves while an answer streams is not seen here: the line is written at its first
 * byte. Telemetry follows streams to their end, and tells of it.
 *
 * @throws {RangeError} if `sample` is not a number from 0 to 1
 */
export function requestLog(options: RequestLogOptions) {
  const { write, slowRequest = 1000, onSlow } = options
  const { sample = 1, random = Math.random, startedAt: arrival } = options
  if (!(sample >= 0 && sample <= 1))
    throw new RangeError(`sample must be a number from 0 to 1, got ${sample}`)

  const routes = new WeakMap<Request, string>()
  let isAround = false
  const route = options.route ?? ((request: Request) => routes.get(request))

  const finish = (request: Request, aborted: boolean, startedAt: number, answer: Response) => {
    const durationMs = performance.now() - startedAt
    const { status } = answer
    const slow = durationMs > slowRequest
    if (slow) onSlow?.()
    const level = status >= 500 ? 'error' : status >= 400 || slow || aborted ? 'warn' : 'info'
    if (level === 'info' && sample < 1 && random() >= sample) return
    const template = route(request)
    const { method } = request
    write(level, {
      method: methods.has(method) ? method : '_OTHER',
      route: template,
      path: shownPath(template, request.url),
      status: aborted ? undefined : status,
      durationMs,
      bytesIn: method === 'GET' ? undefined : declaredLength(request.headers),
      bytesOut: sizeOf(answer) ?? declaredLength(answer.headers),
      slow,
      aborted,
    })
  }

  const plugin = new Elysia({ name: 'caly/request-log', seed: slowRequest }).wrap(
    (handle, request) =>
      (...args: unknown[]) => {
        isAround = true
        const startedAt = arrival?.() ?? performance.now()
        const answer: unknown = handle(...args)
        if (answer instanceof Promise) {
          // Deno tells of a client that leaves only to who has asked for the signal before.
          const { signal } = request
          return answer.then((answered: Response) => {
            finish(request, signal.aborted, startedAt, answered)
            return answered
          })
        }
        // Nobody is seen to leave while nothing is waited for.
        if (answer instanceof Response) finish(request, false, startedAt, answer)
        return answer
      },
  )
  if (options.route) return plugin
  return plugin.onTransform({ as: 'global' }, ({ request, route }) => {
    routes.set(request, route)
    if (!isAround) warnOfGroup('requestLog')
  })
}
