import type { ScanRow, VulnerabilityRow } from './queries.ts'
import type { Scan, Vulnerability } from './schemas.ts'
import { countsOf } from './severity-counts.ts'

/** A scan as the API shows it. */
export const scanView = (row: ScanRow): Scan => ({
  id: row.id,
  status: row.status,
  trigger: row.trigger,
  startedAt: row.startedAt.toISOString(),
  finishedAt: row.finishedAt?.toISOString() ?? null,
  packages: row.packages,
  counts: row.counts && countsOf(row.counts),
  new: row.newFindings,
  fixed: row.fixedFindings,
  outdated: row.outdated,
  error: row.error,
})

/** A vulnerability as the API shows it. */
export const vulnerabilityView = (row: VulnerabilityRow): Vulnerability => ({
  id: row.id,
  package: row.package,
  version: row.version,
  severity: row.severity,
  advisory: row.advisory,
  aliases: row.aliases,
  title: row.title,
  url: row.url,
  path: row.path,
  dev: row.dev,
  fixedIn: row.fixedIn,
  remedy: row.remedy && {
    ...row.remedy,
    commands: [...row.remedy.commands],
    leaves: [...row.remedy.leaves],
  },
  firstSeenAt: row.firstSeenAt.toISOString(),
  lastSeenAt: row.lastSeenAt.toISOString(),
  fixedAt: row.fixedAt?.toISOString() ?? null,
})
