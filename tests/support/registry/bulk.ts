/** npm's bulk advisory endpoint: `POST /-/npm/v1/security/advisories/bulk`. */
import cvss from 'ae-cvss-calculator'
import semver from 'semver'
import { vulnerableVersions } from './ranges.ts'
import type { StandInRecord } from './records.ts'

/** An advisory as npm's registry answers it. */
export interface BulkAdvisory {
  readonly id: number
  readonly url: string
  readonly title: string
  readonly severity: string
  readonly vulnerable_versions: string
  readonly cwe: readonly string[]
  readonly cvss: { readonly score: number; readonly vectorString: string | null }
}

/**
 * @param asked versions by name, as the endpoint is asked
 * @returns advisories about any of them, by name; a name without one is left out
 */
export function bulkAnswer(
  records: readonly StandInRecord[],
  asked: Readonly<Record<string, readonly string[]>>,
): Record<string, BulkAdvisory[]> {
  const answer = new Map<string, BulkAdvisory[]>()
  for (const { name, advisory } of records.flatMap(advisoriesOf)) {
    const versions = Object.hasOwn(asked, name) ? (asked[name] ?? []) : []
    if (!versions.some((version) => covers(advisory, version))) continue
    answer.set(name, [...(answer.get(name) ?? []), advisory])
  }
  return Object.fromEntries(answer)
}

function covers({ vulnerable_versions: range }: BulkAdvisory, version: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true, loose: true })
}

function advisoriesOf(record: StandInRecord, index: number) {
  return (record.affected ?? []).flatMap((affected, nth) => {
    const range = vulnerableVersions(affected)
    if (affected.package?.ecosystem !== 'npm' || range === undefined) return []
    const id = 1_090_000 + index * 100 + nth
    return [{ name: affected.package.name, advisory: advisory(record, id, range) }]
  })
}

function advisory(record: StandInRecord, id: number, range: string): BulkAdvisory {
  const vector = record.severity?.find(({ type }) => type === 'CVSS_V3')?.score ?? null
  // The registry serves GitHub's advisories: what others found has an id there, too.
  const github = [record.id, ...(record.aliases ?? [])].find((one) => one.startsWith('GHSA-'))
  return {
    id,
    url: `https://github.com/advisories/${github ?? record.id}`,
    title: record.summary ?? record.id,
    severity: (record.database_specific?.severity ?? 'high').toLowerCase(),
    vulnerable_versions: range,
    cwe: record.database_specific?.cwe_ids ?? [],
    cvss: {
      score: vector === null ? 0 : (cvss.fromVector(vector)?.calculateScores().overall ?? 0),
      vectorString: vector,
    },
  }
}
