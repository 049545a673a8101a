/** What the plugins fall back on where an app hands nothing in. */
import { addressKey, type LimitedContext } from '../hooks/rate-limit/index.ts'
import { clientAddressOf } from '../hooks/request-context/index.ts'
import { createLog, type Log } from '../log/index.ts'
import { writeStandardOutput } from '../server.ts'

let log: Log | undefined

/** One redacted log of JSON lines on the standard output for all plugins of a process. */
export function processLog(): Log {
  log ??= createLog({ level: 'info', format: 'json', write: writeStandardOutput })
  return log
}

/**
 * Whose request it is by its client's address (IPv6: its /56). Where nobody knows the address, as in
 * `app.handle()`, all are one client: an unknown one must not be an unlimited one.
 */
export const clientKey = (request: Request, context?: Pick<LimitedContext, 'server'>): string =>
  addressKey(clientAddressOf(request, context?.server) ?? 'unknown')
