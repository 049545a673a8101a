import { fileURLToPath } from 'node:url'
import type { Database } from '#db/database.ts'
import type { Jobs } from '#db/jobs.ts'
import type { Telemetry } from '#telemetry/index.ts'
import type { AuditTrail } from '../audit/index.ts'
import { platformClientId } from '../auth/index.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../log/index.ts'
import {
  type FinishedScan,
  ownScan,
  registerScanJobs,
  type ScanService,
  type ScanStanding,
  type SeverityCounts,
  scanService,
  scanStanding,
  severities,
} from '../scans/index.ts'
import type { Figure, Figures } from './figures.ts'

/** What scans are made of. */
export interface ScanParts {
  readonly config: Config
  readonly log: Logger
  readonly telemetry: Telemetry
  readonly database: Database
  readonly jobs: Jobs
  readonly audit: AuditTrail
  readonly figures: Figures
}

/** Where this very program lies, with the lockfile that it was installed from. */
const ownProject = fileURLToPath(new URL('../../', import.meta.url))

/** Lines of the log that one scan's notes take. */
const mostNotes = 20

/** Opens the scans of the service's own project, and starts their jobs. */
export async function openScans(parts: ScanParts): Promise<ScanService> {
  const { config, database, jobs, audit, telemetry } = parts
  const { schedule, registry, osv } = config.scan
  const standing = parts.figures.add(scanStanding)
  observeStanding(telemetry, standing)
  const service = scanService({
    ...{ database, jobs, audit },
    scan: ownScan({ folder: ownProject, registry, osv }),
    platformClientId: () => platformClientId(database.db),
    onFinished(scan, notes) {
      countScan(telemetry, scan)
      logScan(parts.log, scan, notes)
      void standing.refresh()
    },
  })
  await registerScanJobs({ service, schedule, retentionDays: config.audit.retentionDays })
  return service
}

function observeStanding({ instruments }: Telemetry, standing: Figure<ScanStanding>): void {
  instruments.openVulnerabilities.addCallback((result) => {
    const open = standing.current()?.open
    if (open === undefined) return
    for (const severity of severities)
      result.observe(open[severity], { 'caly.vulnerability.severity': severity })
  })
  instruments.scanAge.addCallback((result) => {
    const last = standing.current()?.lastComplete
    if (last !== undefined) result.observe(Math.max(0, Date.now() - last.getTime()) / 1000)
  })
}

function countScan({ instruments }: Telemetry, { status, found, fixed }: FinishedScan): void {
  const { scans, foundVulnerabilities, fixedVulnerabilities } = instruments
  scans.add(1, { 'caly.scan.status': status })
  const add = (counter: typeof foundVulnerabilities, counts: SeverityCounts) => {
    for (const severity of severities)
      if (counts[severity] > 0)
        counter.add(counts[severity], { 'caly.vulnerability.severity': severity })
  }
  add(foundVulnerabilities, found)
  add(fixedVulnerabilities, fixed)
}

function logScan(log: Logger, { id, ...scan }: FinishedScan, notes: readonly string[]): void {
  const level = { complete: 'info', incomplete: 'warn', failed: 'error' } as const
  log[level[scan.status]]({ scan: id, ...scan }, `scan ${scan.status}`)
  for (const note of notes.slice(0, mostNotes)) log.warn({ scan: id, note }, 'scan')
}
