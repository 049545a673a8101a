import { and, desc, eq, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import { scans, vulnerabilities } from '#db/schema/index.ts'
import { type Severity, severities } from '../model.ts'
import type { VulnerabilityStatus } from './schemas.ts'
import { countsOf, type SeverityCounts } from './severity-counts.ts'

/** A row of `scans`. */
export type ScanRow = typeof scans.$inferSelect

/** A row of `vulnerabilities`. */
export type VulnerabilityRow = typeof vulnerabilities.$inferSelect

/** Where a page of vulnerabilities ended: what the list goes by. */
export interface VulnerabilityPosition {
  /** 1 where it is fixed. */
  readonly fixed: number
  /** The place of its severity, from 1 for the worst. */
  readonly rank: number
  readonly id: string
}

/** What narrows a list of vulnerabilities. */
export interface VulnerabilitySelection {
  readonly clientId: string
  readonly status: VulnerabilityStatus
  readonly severity?: Severity | undefined
  readonly package?: string | undefined
  /** Only rows behind this one. */
  readonly after?: VulnerabilityPosition | undefined
  readonly limit: number
}

/** What a process knows of the last scans, for its metrics. */
export interface ScanStanding {
  readonly open: SeverityCounts
  /** When the last complete scan ended; undefined where there was none. */
  readonly lastComplete: Date | undefined
}

const { fixedAt, ignored, severity } = vulnerabilities
const counts = and(isNull(fixedAt), isNull(ignored))
const words = sql.raw(severities.map((word) => `'${word}'`).join())
const fixed = sql`(${fixedAt} is not null)::int`
const rank = sql`array_position(array[${words}], ${severity})`

const ofStatus: Readonly<Record<VulnerabilityStatus, SQL | undefined>> = {
  open: counts,
  fixed: isNotNull(fixedAt),
  ignored: and(isNull(fixedAt), isNotNull(ignored)),
  all: undefined,
}

/** What is read of scans. Another client's row cannot be told from one that is not there. */
export function scanQueries(db: Drizzle) {
  const ofClient = eq(scans.clientId, sql.placeholder('clientId'))
  const byId = db
    .select()
    .from(scans)
    .where(and(ofClient, eq(scans.id, sql.placeholder('id'))))
    .prepare('scans_by_id')
  const newest = (where: SQL | undefined, name: string) =>
    db
      .select()
      .from(scans)
      .where(where)
      .orderBy(desc(scans.id))
      .limit(sql.placeholder('limit'))
      .prepare(name)
  const first = newest(ofClient, 'scans_list')
  const next = newest(and(ofClient, lt(scans.id, sql.placeholder('before'))), 'scans_list_before')
  const lists = new Map<string, ReturnType<typeof prepareList>>()

  /** One statement for each combination of filters (32 at most), prepared when first asked for. */
  function prepareList(status: VulnerabilityStatus, filters: readonly string[]) {
    const place = sql`(${fixed}, ${rank})`
    const end = sql`(${sql.placeholder('fixed')}::int, ${sql.placeholder('rank')}::int)`
    const conditions: Readonly<Record<string, SQL | undefined>> = {
      severity: eq(severity, sql.placeholder('severity')),
      package: eq(vulnerabilities.package, sql.placeholder('package')),
      id: sql`(${place} > ${end} or (${place} = ${end}
        and ${vulnerabilities.id} < ${sql.placeholder('id')}))`,
    }
    return db
      .select()
      .from(vulnerabilities)
      .where(
        and(
          eq(vulnerabilities.clientId, sql.placeholder('clientId')),
          ofStatus[status],
          ...filters.map((filter) => conditions[filter]),
        ),
      )
      .orderBy(fixed, rank, desc(vulnerabilities.id))
      .limit(sql.placeholder('limit'))
      .prepare(`vulnerabilities_${status}_${filters.join('_')}`)
  }

  return {
    async find(clientId: string, id: string): Promise<ScanRow | undefined> {
      const [row] = await byId.execute({ clientId, id })
      return row
    },

    /** Newest first. @param before only those that began before this one */
    list(clientId: string, limit: number, before?: string): Promise<ScanRow[]> {
      return before === undefined
        ? first.execute({ clientId, limit })
        : next.execute({ clientId, limit, before })
    },

    /** Open ones first, of these the worst first, of these the newest first. */
    vulnerabilities(selection: VulnerabilitySelection): Promise<VulnerabilityRow[]> {
      const { status, after, clientId, limit, ...equal } = selection
      const narrowed = Object.entries({ ...equal, ...after }).filter(
        ([, value]) => value !== undefined,
      )
      const filters = narrowed.map(([name]) => name).filter((name) => !places.has(name))
      const key = [status, ...filters.sort()].join()
      const list = lists.get(key) ?? prepareList(status, filters)
      lists.set(key, list)
      return list.execute({ ...Object.fromEntries(narrowed), clientId, limit })
    },
  }
}

/** Parts of a position beside its id. */
const places = new Set(['fixed', 'rank'])

/** Where a row stands in a list. */
export const positionOf = (row: VulnerabilityRow): VulnerabilityPosition => ({
  fixed: row.fixedAt === null ? 0 : 1,
  rank: severities.indexOf(row.severity) + 1,
  id: row.id,
})

/** What is open and counts, by severity. */
export async function openCounts(db: Executor, clientId?: string): Promise<SeverityCounts> {
  const rows = await db
    .select({ severity, count: sql<number>`count(*)::int` })
    .from(vulnerabilities)
    .where(and(counts, clientId === undefined ? undefined : eq(vulnerabilities.clientId, clientId)))
    .groupBy(severity)
  return countsOf(Object.fromEntries(rows.map((row) => [row.severity, row.count])))
}

/** How things stand, whoever's: only the platform's own client has scans. Two statements. */
export async function scanStanding(db: Executor): Promise<ScanStanding> {
  const open = await openCounts(db)
  const [last] = await db
    .select({ at: scans.finishedAt })
    .from(scans)
    .where(eq(scans.status, 'complete'))
    .orderBy(desc(scans.id))
    .limit(1)
  return { open, lastComplete: last?.at ?? undefined }
}
