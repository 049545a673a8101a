import { createLog, type Log } from '../log/index.ts'
import { writeStandardOutput } from '../server.ts'

let log: Log | undefined

/** One redacted log of JSON lines on the standard output for all plugins of a process. */
export function processLog(): Log {
  log ??= createLog({ level: 'info', format: 'json', write: writeStandardOutput })
  return log
}
