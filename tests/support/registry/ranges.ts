/**
 * What a record says of one package, as npm's registry writes it: a semver range. It is another way to
 * the same answer than the scanner's own, which works on the events: each tests the other.
 */
import semver from 'semver'
import type { StandInAffected } from './records.ts'

const infinite = '>=0.0.0-0'

/** The range of npm's registry for an entry; undefined where it names no version. */
export function vulnerableVersions(affected: StandInAffected): string | undefined {
  const known = affected.database_specific?.last_known_affected_version_range
  const ranges = (affected.ranges ?? [])
    .filter(({ type }) => type !== 'GIT')
    .flatMap(({ events }) => pairs(events, known))
  const all = [
    ...new Set([...ranges, ...(affected.versions ?? []).map((version) => `=${version}`)]),
  ]
  return all.length === 0 ? undefined : all.join(' || ')
}

/** Whether an entry is about a version, by npm's library alone. */
export function speaksOf(affected: StandInAffected, version: string): boolean {
  const range = vulnerableVersions(affected)
  return (
    range !== undefined &&
    semver.satisfies(version, range, { includePrerelease: true, loose: true })
  )
}

function pairs(events: readonly Readonly<Record<string, string>>[], known: string | undefined) {
  const limit = events.find((event) => event['limit'] !== undefined)?.['limit']
  const sorted = events
    .flatMap((event) => Object.entries(event))
    .filter(([kind]) => kind !== 'limit')
    .sort(([, a], [, b]) => semver.compare(whole(a), whole(b)))
  const ranges: string[] = []
  let open: string | undefined
  for (const [kind, version] of sorted) {
    if (kind === 'introduced') open ??= version === '0' ? infinite : `>=${version}`
    else if (open !== undefined) {
      ranges.push(`${open} ${kind === 'fixed' ? '<' : '<='}${version}`)
      open = undefined
    }
  }
  const end = limit === undefined || limit === '*' ? (known ?? '') : `<${limit}`
  if (open !== undefined) ranges.push(`${open} ${end}`.trim())
  return ranges
}

const whole = (version: string) => (version === '0' ? '0.0.0-0' : version)
