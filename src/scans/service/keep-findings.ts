import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { vulnerabilities } from '#db/schema/index.ts'
import { severities } from '../model.ts'
import type { Discovery, ScanStory } from './events.ts'
import { type KnownVulnerability, type Match, matchFindings, newsOf } from './matching.ts'
import type { FoundVulnerability } from './stored.ts'

/** What a scan found, and of whom. */
export interface KeepOptions {
  readonly clientId: string
  readonly scanId: string
  readonly found: readonly FoundVulnerability[]
  /** Whether everything was asked about: what was not found is gone then. */
  readonly isWhole: boolean
  readonly at: Date
}

/** Rows of one statement. */
const batch = 500

/** Brings the table up to date with what a scan found, and says what that changed. */
export async function keepFindings(
  tx: Executor,
  { clientId, scanId, found, isWhole, at }: KeepOptions,
): Promise<Pick<ScanStory, 'discoveries' | 'gone'>> {
  if (found.length === 0 && !isWhole) return { discoveries: [], gone: [] }
  const known = await knownRows(tx, clientId, new Set(found.map((each) => each.package)))
  const matching = matchFindings(known, found)
  const kept = matching.matches.map((match) => ({ ...match, id: match.row?.id ?? uuidv7() }))
  await inBatches(
    kept.flatMap(({ doubles }) => doubles),
    (rows) => tx.delete(vulnerabilities).where(isOneOf(rows)),
  )
  await inBatches(kept, (rows) => {
    const values = rows.map(({ id, ...match }) => ({
      ...match.found,
      ...{ id, clientId, firstSeenAt: firstSeen(match, at), lastSeenAt: at },
      ...{ fixedAt: null, lastScanId: scanId },
    }))
    const upsert = { target: vulnerabilities.id, set: asFound }
    return tx.insert(vulnerabilities).values(values).onConflictDoUpdate(upsert)
  })
  const gone = isWhole ? matching.gone : []
  await inBatches(gone, (rows) =>
    tx.update(vulnerabilities).set({ fixedAt: at }).where(isOneOf(rows)),
  )
  return {
    discoveries: kept.flatMap(discoveryOf).sort(bySeverity),
    // What was ignored did not count, and is not missed.
    gone: gone.filter(({ ignored }) => ignored === null),
  }
}

/** What is open, and whatever was seen of the packages at hand: it may be back. */
function knownRows(
  tx: Executor,
  clientId: string,
  packages: ReadonlySet<string>,
): Promise<KnownVulnerability[]> {
  const isOpen = isNull(vulnerabilities.fixedAt)
  const isHere = packages.size > 0 && inArray(vulnerabilities.package, [...packages])
  return tx
    .select()
    .from(vulnerabilities)
    .where(and(eq(vulnerabilities.clientId, clientId), isHere ? or(isOpen, isHere) : isOpen))
}

/** Every column that a row of the same vulnerability takes over; the place that it was found in is one. */
const asFound = (() => {
  const { severity, advisory, aliases, title, url, path, dev, fixedIn, remedy } = vulnerabilities
  const { ignored, firstSeenAt, lastSeenAt, fixedAt, lastScanId } = vulnerabilities
  const columns = {
    ...{ severity, advisory, aliases, title, url, path, dev, fixedIn, remedy },
    ...{ ignored, firstSeenAt, lastSeenAt, fixedAt, lastScanId },
  }
  return Object.fromEntries(
    Object.entries(columns).map(([key, { name }]) => [key, sql.raw(`excluded."${name}"`)]),
  )
})()

function discoveryOf(match: Match & { readonly id: string }): Discovery[] {
  const { isNew, was } = newsOf(match)
  return isNew || was !== undefined ? [{ id: match.id, found: match.found, was }] : []
}

/** The worst first. */
const bySeverity = (a: Discovery, b: Discovery): number =>
  severities.indexOf(a.found.severity) - severities.indexOf(b.found.severity)

/** When it, or what turned out to be the same, was first seen. */
function firstSeen({ row, doubles }: Match, at: Date): Date {
  const known = row === undefined ? [] : [row, ...doubles]
  return new Date(Math.min(at.getTime(), ...known.map((each) => each.firstSeenAt.getTime())))
}

const isOneOf = (rows: readonly { readonly id: string }[]) =>
  inArray(
    vulnerabilities.id,
    rows.map(({ id }) => id),
  )

async function inBatches<Row>(
  rows: readonly Row[],
  write: (rows: Row[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += batch)
    await write(rows.slice(start, start + batch))
}
