import { Elysia } from 'elysia'

/** One line of the request log. */
export interface RequestLine {
  readonly method: string
  readonly status: number
  /** Milliseconds from arrival to the first byte of the answer. */
  readonly durationMs: number
  /** The client went away before there was an answer. */
  readonly aborted: boolean
}

/** How a line is to be read: 5xx are errors, 4xx, slow and aborted ones warnings. */
export type RequestLogLevel = 'info' | 'warn' | 'error'

/** Options of {@linkcode requestLog}. */
export interface RequestLogOptions {
  /** Takes a line, within the request's own context, when the answer is known. */
  readonly write: (level: RequestLogLevel, line: RequestLine) => void
  /** Requests slower than this many milliseconds are warnings. */
  readonly slowRequest: number
  /** Hears of each slow request. */
  readonly onSlow?: () => void
}

/**
 * Writes one line a request. Path, query and headers are not in it: they hold secrets and numbers;
 * the route's template says what was asked for.
 * Stage: around everything; use it inside of the request context.
 */
export function requestLog({ write, slowRequest, onSlow }: RequestLogOptions) {
  return new Elysia({ name: 'caly/request-log', seed: slowRequest }).wrap(
    (handle, request) =>
      (...args: unknown[]) => {
        const startedAt = performance.now()
        const finish = (status: number) => {
          const durationMs = performance.now() - startedAt
          const slow = durationMs > slowRequest
          const { aborted } = request.signal
          if (slow) onSlow?.()
          const level = status >= 500 ? 'error' : status >= 400 || slow || aborted ? 'warn' : 'info'
          write(level, { method: request.method, status, durationMs, aborted })
        }
        const response: unknown = handle(...args)
        if (response instanceof Promise)
          return response.then((answered: Response) => {
            finish(answered.status)
            return answered
          })
        if (response instanceof Response) finish(response.status)
        return response
      },
  )
}
