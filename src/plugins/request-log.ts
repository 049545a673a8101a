/** `caly/request-log`: one line a request, without secrets. */
import { everywhere } from '../hooks/everywhere.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
import {
  requestLog as hook,
  type RequestLine,
  type RequestLogLevel,
} from '../hooks/request-log/index.ts'
import { writeRequest } from '../observations/request-fields.ts'
import { processLog } from './process-log.ts'

export type { RequestLine, RequestLogLevel } from '../hooks/request-log/index.ts'

/** Options of {@linkcode requestLog}. */
export interface RequestLogOptions {
  /** Takes a line. @default writes it as JSON to the standard output, redacted, never waiting */
  readonly on?: (level: RequestLogLevel, line: RequestLine) => void
  /** Requests slower than this many milliseconds are warnings. @default 1000 */
  readonly slowRequest?: number
  /** The share of successful requests that get a line, from 0 to 1; all others always do. @default 1 */
  readonly sample?: number
}

/**
 * Writes one line a request: method, route, status, time and sizes; with `requestContext()` its id and
 * the client's address, too. Neither query nor header nor path stands in it.
 *
 * @throws {RangeError} if `sample` is not a number from 0 to 1
 */
export function requestLog({ on = writeLine, ...options }: RequestLogOptions = {}) {
  const plugin = hook({ ...options, write: on })
  return everywhere(on === writeLine ? plugin.onStop(() => processLog().flush(1000)) : plugin)
}

/** Writes a line to the process's log. */
export function writeLine(level: RequestLogLevel, line: RequestLine): void {
  writeRequest(processLog().logger, level, line, currentRequest())
}
