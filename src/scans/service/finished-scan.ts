import type { ScanReport } from '../model.ts'
import type { SeverityCounts } from './severity-counts.ts'

/** How a scan ended, for the log and the metrics. */
export interface FinishedScan {
  readonly id: string
  readonly status: ScanReport['status']
  readonly seconds: number
  readonly packages: number
  readonly open: SeverityCounts
  readonly found: SeverityCounts
  readonly fixed: SeverityCounts
  /** Why it is not complete. */
  readonly reason: string | undefined
}
