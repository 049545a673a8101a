/** What the audit trail is told of a scan. */
import type { AuditEntry, AuditSummary } from '../../audit/index.ts'
import type { ScanReport, Severity } from '../model.ts'
import type { Match } from './matching.ts'
import type { VulnerabilityRow } from './queries.ts'
import type { SeverityCounts } from './severity-counts.ts'

/** A vulnerability that is new, or rated worse than it was. */
export interface Discovery {
  readonly id: string
  readonly found: Match['found']
  /** Undefined where it is new. */
  readonly was: Severity | undefined
}

/** What became of a scan, as its events tell it. */
export interface ScanStory {
  readonly scanId: string
  readonly clientId: string
  readonly status: ScanReport['status']
  readonly packages: number
  readonly open: SeverityCounts
  /** The worst first. */
  readonly discoveries: readonly Discovery[]
  readonly gone: readonly Pick<
    VulnerabilityRow,
    'id' | 'package' | 'version' | 'advisory' | 'severity'
  >[]
  /** Undefined where it is complete. */
  readonly reason: string | undefined
  readonly at: Date
}

/** Rows that one scan writes of one kind of news; the rest is summed up by type. */
const most = 50

/** Characters of a reason. */
const reasonLimit = 1000

const foundEvents = {
  critical: 'VULNERABILITY_FOUND_CRITICAL',
  high: 'VULNERABILITY_FOUND_HIGH',
  moderate: 'VULNERABILITY_FOUND_MODERATE',
  low: 'VULNERABILITY_FOUND_LOW',
  unknown: 'VULNERABILITY_FOUND_UNRATED',
} as const

/** The scan's own event, then what it found and what is gone: about 110 at most. */
export function scanEvents(story: ScanStory): AuditEntry[] {
  const found = story.discoveries.map((discovery) => foundEntry(story, discovery))
  const fixed = story.gone.map((row) => fixedEntry(story, row))
  return [scanEntry(story), ...summed(found, story.at), ...summed(fixed, story.at)]
}

function scanEntry({ reason: told = '', ...story }: ScanStory): AuditEntry {
  const common = { origin: originOf(story), resource: { type: 'scan', id: story.scanId } }
  const reason = told.slice(0, reasonLimit)
  if (story.status === 'failed') return { ...common, event: 'SCAN_FAILED', details: { reason } }
  const outcome = {
    packages: story.packages,
    ...story.open,
    new: story.discoveries.filter(({ was }) => was === undefined).length,
    fixed: story.gone.length,
  }
  return story.status === 'complete'
    ? { ...common, event: 'SCAN_COMPLETED', details: outcome }
    : { ...common, event: 'SCAN_INCOMPLETE', details: { ...outcome, reason } }
}

function foundEntry(story: ScanStory, { id, found, was }: Discovery): AuditEntry {
  const { package: name, version, advisory, severity, dev, fixedIn } = found
  return {
    event: foundEvents[severity],
    origin: originOf(story),
    resource: { type: 'vulnerability', id },
    details: {
      ...{ package: name, version, advisory, severity, development: dev, scan: story.scanId },
      ...(fixedIn !== null && { fixedIn }),
      ...(was !== undefined && { was }),
    },
  }
}

const fixedEntry = (story: ScanStory, row: ScanStory['gone'][number]): AuditEntry => ({
  event: 'VULNERABILITY_FIXED',
  origin: originOf(story),
  resource: { type: 'vulnerability', id: row.id },
  details: {
    package: row.package,
    version: row.version,
    advisory: row.advisory,
    severity: row.severity,
    scan: story.scanId,
  },
})

/** Of those beyond the most, the last of each type says for how many others it stands. */
function summed(entries: readonly AuditEntry[], at: Date): AuditEntry[] {
  const rest = Map.groupBy(entries.slice(most), ({ event }) => event)
  const time = at.toISOString()
  const sums = [...rest.values()].flatMap((others) => {
    const summary: AuditSummary = { suppressed: others.length, from: time, to: time }
    return others.slice(-1).map((last) => ({ ...last, summary }))
  })
  return [...entries.slice(0, most), ...sums]
}

const originOf = ({ clientId }: Pick<ScanStory, 'clientId'>) =>
  ({ actorType: 'system', clientId }) as const
