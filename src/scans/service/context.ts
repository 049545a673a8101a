import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { AuditTrail } from '../../audit/index.ts'
import type { ScanReport } from '../model.ts'
import type { FinishedScan } from './finished-scan.ts'
import type { scanQueries } from './queries.ts'

/** What the parts of this feature share. */
export interface ScanContext {
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly queries: ReturnType<typeof scanQueries>
  /** Looks at the service's own project. Rejects for its own faults alone: all else is in the report. */
  readonly scan: (signal: AbortSignal) => Promise<ScanReport>
  /** Whose scans are: the platform's own client; undefined before there is one. */
  readonly platformClientId: () => Promise<string | undefined>
  /** Milliseconds that a scan may take. */
  readonly timeLimit: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Hears of each scan that ended in this process, once that is in the database. */
  readonly onFinished: (scan: FinishedScan, notes: readonly string[]) => void
}

/** The queues of this feature. */
export const scanQueues = {
  /** One job a scan: `{ scanId }`. */
  run: 'scans.run',
  /** The clock says that it is time for one. */
  schedule: 'scans.schedule',
  /** Scans that have had their day, and those whose process never came back. */
  upkeep: 'scans.upkeep',
} as const

/** Attempts at one scan: its process may be killed, or told to stop. */
export const attempts = 3
