import { eq } from 'drizzle-orm'
import type { JobAttempt } from '#db/jobs.ts'
import { scans } from '#db/schema/index.ts'
import type { ScanReport } from '../model.ts'
import type { ScanContext } from './context.ts'
import { failedScan, finishScan, type ScanOutcome } from './record.ts'
import { interrupted } from './start.ts'

/** The process stops while it scans: whoever takes up the job begins anew. */
export class ScanInterruptedError extends Error {
  override readonly name = 'ScanInterruptedError'

  constructor() {
    super(interrupted)
  }
}

/**
 * One attempt at a scan. Nothing is written before it is over, and then all of it: an attempt that is
 * killed leaves a scan that runs, and the next one begins it anew.
 *
 * @throws {ScanInterruptedError} where the process stops and another attempt follows
 * @throws what went wrong inside; after the last attempt the scan has failed
 */
export async function runScan(
  context: ScanContext,
  { data: { scanId }, ...attempt }: JobAttempt<{ scanId: string }>,
): Promise<void> {
  const [row] = await context.database.db.select().from(scans).where(eq(scans.id, scanId))
  if (row?.status !== 'running') return
  const looked = await look(context, AbortSignal.any([attempt.signal, attempt.stopping]))
  const { outcome, notes = [], error } = looked
  if (error !== undefined && !attempt.last) throw error
  const finished = await finishScan(context, scanId, outcome)
  if (finished !== undefined) context.onFinished(finished, notes)
  if (error !== undefined) throw error
}

interface Looked {
  readonly outcome: ScanOutcome
  readonly notes?: ScanReport['notes']
  /** What kept it from being a scan at all. */
  readonly error?: unknown
}

async function look({ scan, timeLimit }: ScanContext, stop: AbortSignal): Promise<Looked> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeLimit)
  const signal = AbortSignal.any([stop, limit.signal])
  try {
    const report = await unlessAborted(scan(signal), signal)
    if (!signal.aborted) return { outcome: report, notes: report.notes }
  } catch (error) {
    if (!signal.aborted)
      return { outcome: failedScan('The scan failed inside: see the log of the service.'), error }
  } finally {
    clearTimeout(timer)
  }
  if (stop.aborted) return { outcome: failedScan(interrupted), error: new ScanInterruptedError() }
  return { outcome: failedScan(`The scan took longer than ${minutes(timeLimit)}.`) }
}

function minutes(milliseconds: number): string {
  const count = Math.ceil(milliseconds / 60_000)
  return count === 1 ? '1 minute' : `${count} minutes`
}

/** A source that does not heed its signal holds up nobody. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
