/** Which finding of a scan is which row that is known: ids of advisories change, and get aliases. */
import { type Severity, severities } from '../model.ts'
import type { VulnerabilityRow } from './queries.ts'
import type { FoundVulnerability } from './stored.ts'

/** What is read of a row to know it again. */
export type KnownVulnerability = Pick<
  VulnerabilityRow,
  | 'id'
  | 'package'
  | 'version'
  | 'severity'
  | 'advisory'
  | 'aliases'
  | 'firstSeenAt'
  | 'fixedAt'
  | 'ignored'
>

/** What was found, and the rows that are about the same vulnerability in the same package. */
export interface Match {
  readonly found: FoundVulnerability
  /** Where it is kept; undefined where it was never seen. */
  readonly row: KnownVulnerability | undefined
  /** What turned out to be the same vulnerability as {@linkcode row}. */
  readonly doubles: readonly KnownVulnerability[]
}

/** What {@linkcode matchFindings} found out. */
export interface Matching {
  readonly matches: readonly Match[]
  /** Rows that are not fixed, and that no finding is about. */
  readonly gone: readonly KnownVulnerability[]
}

/**
 * Finds each finding among the rows of its package and version: by the advisory's id, else by any id
 * that the two share. Of several rows the one with the finding's own id stays, else the oldest. A row
 * belongs to one finding, and of findings with one id the first is taken.
 */
export function matchFindings(
  known: readonly KnownVulnerability[],
  findings: readonly FoundVulnerability[],
): Matching {
  const groups = groupBy(known, placeOf)
  const matches = [...groupBy(findings, placeOf)].flatMap(([place, group]) =>
    matchGroup(
      groups.get(place) ?? [],
      uniqueBy(group, ({ advisory }) => advisory),
    ),
  )
  const taken = new Set(matches.flatMap(({ row, doubles }) => (row ? [row, ...doubles] : [])))
  return { matches, gone: known.filter((row) => row.fixedAt === null && !taken.has(row)) }
}

function matchGroup(
  rows: readonly KnownVulnerability[],
  findings: readonly FoundVulnerability[],
): Match[] {
  const own = new Map(rows.map((row) => [row.advisory, row]))
  // Who is known by the very id is not taken by another one's alias.
  const taken = new Set(findings.flatMap(({ advisory }) => own.get(advisory) ?? []))
  return findings.map((found) => {
    const ids = new Set(idsOf(found))
    const others = rows
      .filter((row) => !taken.has(row) && idsOf(row).some((id) => ids.has(id)))
      .sort((a, b) => a.firstSeenAt.getTime() - b.firstSeenAt.getTime())
    for (const row of others) taken.add(row)
    const mine = own.get(found.advisory)
    const [row, ...doubles] = mine === undefined ? others : [mine, ...others]
    return { found, row, doubles }
  })
}

const idsOf = ({ advisory, aliases }: Pick<FoundVulnerability, 'advisory' | 'aliases'>) => [
  advisory,
  ...aliases,
]

/** What a match means to whoever wants to know of it. */
export interface News {
  /** It counts, and did not before: never seen, or fixed or ignored until now. */
  readonly isNew: boolean
  /** It counted before, and less than it does now: what it was rated. */
  readonly was: Severity | undefined
}

/** Says what is to be told of a match. */
export function newsOf({ found, row, doubles }: Match): News {
  const counts = found.ignored === null
  const before = (row === undefined ? [] : [row, ...doubles]).filter(
    ({ fixedAt, ignored }) => fixedAt === null && ignored === null,
  )
  const was = before.map(({ severity }) => severity).sort((a, b) => rankOf(a) - rankOf(b))[0]
  const isWorse = counts && was !== undefined && rankOf(found.severity) < rankOf(was)
  return { isNew: counts && was === undefined, was: isWorse ? was : undefined }
}

const rankOf = (severity: Severity): number => severities.indexOf(severity)

const placeOf = ({ package: name, version }: Pick<FoundVulnerability, 'package' | 'version'>) =>
  JSON.stringify([name, version])

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string) {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

const uniqueBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] => [
  ...new Map(items.toReversed().map((item) => [keyOf(item), item])).values(),
]
