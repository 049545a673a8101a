/** What a record says, as advisories: one for each package that was asked about. */
import type { Advisory, PackageId } from '../../model.ts'
import { eventRanges } from '../ranges/events.ts'
import { severityOfScore, severityOfWord, worstVector } from '../severity.ts'
import { isId, oneLine, pageOf } from '../text.ts'
import type { OsvAffected, OsvRecord } from './record.ts'

/** A package, whatever its version. */
export type PackageName = Pick<PackageId, 'ecosystem' | 'name'>

/** What one record comes to. */
export interface RecordReading {
  readonly advisories: readonly Advisory[]
  /** Packages of which the record has nothing that can be compared here: no list, no order known. */
  readonly incomparable: readonly PackageName[]
}

/**
 * Reads a record. Ranges are taken where their order is Semantic Versioning's: npm's all, and those that
 * say so. Of an order of another ecosystem, and of commits, the list of versions is all there is.
 *
 * @param isAsked which packages are wanted
 */
export function readRecord(
  record: OsvRecord,
  isAsked: (of: PackageName) => boolean,
): RecordReading {
  const byPackage = new Map<string, { of: PackageName; entries: OsvAffected[] }>()
  for (const affected of record.affected ?? []) {
    const of = affected.package
    if (of == null || !isAsked(of)) continue
    const key = JSON.stringify([of.ecosystem, of.name])
    const known = byPackage.get(key)
    if (known === undefined) byPackage.set(key, { of, entries: [affected] })
    else known.entries.push(affected)
  }
  const all = [...byPackage.values()]
  return {
    advisories: all.map(({ of, entries }) => advisoryOf(record, of, entries)),
    incomparable: (record.withdrawn == null ? all : [])
      .filter(({ of, entries }) => entries.some((entry) => !isComparable(entry, of)))
      .map(({ of }) => of),
  }
}

/** The advisory of a record about a package. @param entries what it says of it, which may be nothing */
export function advisoryOf(
  record: OsvRecord,
  { ecosystem, name }: PackageName,
  entries: readonly OsvAffected[],
): Advisory {
  const vectors = entries.flatMap(({ severity }) => severity ?? [])
  const all = vectors.length > 0 ? vectors : (record.severity ?? [])
  const cvss = worstVector(all.filter((one) => one.type.startsWith('CVSS')).map((one) => one.score))
  return {
    id: record.id,
    aliases: [...new Set(record.aliases)].filter((id) => id !== record.id && isId(id)),
    ecosystem,
    package: name,
    title: oneLine(record.summary ?? '') || record.id,
    url: pageOf(record.id),
    severity: cvss === undefined ? wordOf(record, all) : severityOfScore(cvss.score),
    cvss,
    ranges: entries.flatMap((entry) => rangesOf(entry, ecosystem)),
    versions: [...new Set(entries.flatMap(({ versions }) => versions ?? []))],
    withdrawn: record.withdrawn ?? undefined,
    sources: ['OSV'],
  }
}

function wordOf(record: OsvRecord, ratings: readonly { type: string; score: string }[]) {
  // A package made to do harm has no rating: the database of those is all of one kind.
  if (record.id.startsWith('MAL-')) return 'critical'
  const ubuntu = ratings.find(({ type }) => type === 'Ubuntu')
  return severityOfWord(record.database_specific?.severity ?? ubuntu?.score)
}

function rangesOf({ ranges, database_specific: own }: OsvAffected, ecosystem: string) {
  const known = own?.last_known_affected_version_range
  return (ranges ?? [])
    .filter(({ type }) => isOrdered(type, ecosystem))
    .flatMap(({ events }) =>
      eventRanges(events ?? [], typeof known === 'string' ? known : undefined),
    )
}

const isOrdered = (type: string, ecosystem: string) =>
  type === 'SEMVER' || (type === 'ECOSYSTEM' && ecosystem === 'npm')

/** An entry with neither list nor range leaves open which versions it means. */
function isComparable({ ranges, versions }: OsvAffected, { ecosystem }: PackageName): boolean {
  const isListed = (versions ?? []).length > 0
  return isListed || (ranges ?? []).some(({ type }) => isOrdered(type, ecosystem))
}
