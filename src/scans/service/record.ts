/** The one transaction that makes a scan a finished one. */
import { eq } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { scans } from '#db/schema/index.ts'
import { type ScanReport, type Severity, severities } from '../model.ts'
import type { ScanContext } from './context.ts'
import { type ScanStory, scanEvents } from './events.ts'
import type { FinishedScan } from './finished-scan.ts'
import { keepFindings } from './keep-findings.ts'
import { openCounts } from './queries.ts'
import { countsOf, type SeverityCounts } from './severity-counts.ts'
import { foundVulnerability, reasonOf } from './stored.ts'

/** What is kept of a report. A scan that could not even begin has no more to say. */
export type ScanOutcome = Pick<
  ScanReport,
  'status' | 'packages' | 'findings' | 'outdated' | 'problems'
>

/** Findings that are kept of one scan, the worst of them: more come from no project that anybody runs. */
const mostFindings = 5000

/**
 * Ends a scan: its row, what it found, what is gone, and the events that say so, or nothing of it.
 *
 * A complete scan alone knows what is gone. Of an incomplete one only what it did find is taken, and
 * of a failed one nothing: what was known before stands.
 *
 * @returns undefined where the scan has ended already: another replica has taken it for dead
 */
export function finishScan(
  context: ScanContext,
  scanId: string,
  outcome: ScanOutcome,
): Promise<FinishedScan | undefined> {
  return context.database.db.transaction((tx) => finishScanIn(tx, context, scanId, outcome))
}

/** The same within a transaction that is open already. */
export async function finishScanIn(
  tx: Executor,
  { audit, now }: Pick<ScanContext, 'audit' | 'now'>,
  scanId: string,
  outcome: ScanOutcome,
): Promise<FinishedScan | undefined> {
  const [row] = await tx.select().from(scans).where(eq(scans.id, scanId)).for('update')
  if (row === undefined || row.status !== 'running') return undefined
  const at = new Date(now())
  const { clientId } = row
  const bounded = boundedOutcome(outcome)
  const { status, packages } = bounded
  const reason = reasonOf(bounded)
  const found = status === 'failed' ? [] : bounded.findings.map(foundVulnerability)
  const isWhole = status === 'complete'
  const changes = await keepFindings(tx, { clientId, scanId, found, isWhole, at })
  const open = await openCounts(tx, clientId)
  const story = { scanId, clientId, status, packages, open, reason, at, ...changes }
  await endRow(tx, story, bounded)
  await audit.recordWith(tx, scanEvents(story))
  return {
    ...{ id: scanId, status, packages, open, reason },
    seconds: (at.getTime() - row.startedAt.getTime()) / 1000,
    found: countOf(newOf(story).map(({ found }) => found)),
    fixed: countOf(changes.gone),
  }
}

/** A scan that can say nothing, and why. */
export const failedScan = (reason: string): ScanOutcome => ({
  status: 'failed',
  packages: 0,
  findings: [],
  outdated: [],
  problems: [reason],
})

function boundedOutcome(outcome: ScanOutcome): ScanOutcome {
  const { findings, problems } = outcome
  if (findings.length <= mostFindings || outcome.status === 'failed') return outcome
  const worst = findings.toSorted((a, b) => rankOf(a.advisory) - rankOf(b.advisory))
  return {
    ...outcome,
    status: 'incomplete',
    findings: worst.slice(0, mostFindings),
    problems: [...problems, `Only the worst ${mostFindings} of ${findings.length} are kept.`],
  }
}

async function endRow(tx: Executor, story: ScanStory, { outdated }: ScanOutcome): Promise<void> {
  const { status, reason, at } = story
  const known = status !== 'failed'
  await tx
    .update(scans)
    .set({
      status,
      finishedAt: at,
      error: reason ?? null,
      packages: known ? story.packages : null,
      counts: known ? story.open : null,
      newFindings: known ? newOf(story).length : null,
      fixedFindings: known ? story.gone.length : null,
      outdated: known ? outdated.length : null,
    })
    .where(eq(scans.id, story.scanId))
}

/** What is new, without what was only rated anew. */
const newOf = ({ discoveries }: ScanStory) => discoveries.filter(({ was }) => was === undefined)

const rankOf = ({ severity }: { readonly severity: Severity }): number =>
  severities.indexOf(severity)

function countOf(rows: readonly { readonly severity: Severity }[]): SeverityCounts {
  const groups = Map.groupBy(rows, ({ severity }) => severity)
  return countsOf(Object.fromEntries([...groups].map(([name, { length }]) => [name, length])))
}
