/** The events of an OSV range as the ranges they come to. */
import semver, { type SemVer } from 'semver'
import type { VersionRange } from '../../model.ts'
import { beginning, lowest, versionOf } from './order.ts'

/** One event, which has one of these. */
export interface OsvEvent {
  readonly introduced?: string | undefined
  readonly fixed?: string | undefined
  readonly last_affected?: string | undefined
  readonly limit?: string | undefined
}

/** What happens at one version. */
interface Point {
  readonly at: SemVer
  readonly introduced?: string
  readonly fixed?: string
  readonly lastAffected?: string
}

/**
 * Evaluates events, in any order, as the schema's algorithm does: by version, each opens or closes. It
 * leaves open what happens at one version to several of them. Here a fix closes before another beginning
 * opens; a range that is fixed where it begins is empty; one whose last version is its first has that one.
 *
 * What cannot be compared errs to affected: a beginning that cannot is one from the start, an end is none.
 *
 * @param knownEnd what GitHub has as `last_known_affected_version_range`: the end that its own range has,
 *   and npm's with it, where there is no fix to put into an event
 */
export function eventRanges(events: readonly OsvEvent[], knownEnd?: string): VersionRange[] {
  const ranges: VersionRange[] = []
  let open: string | undefined
  for (const { at, introduced, fixed, lastAffected } of points(events)) {
    const wasOpen = open
    if (open !== undefined && fixed !== undefined) {
      ranges.push({ introduced: open, fixed })
      open = undefined
    }
    if (introduced !== undefined && (wasOpen !== undefined || fixed === undefined))
      open ??= at === lowest ? '0' : introduced
    if (open !== undefined && lastAffected !== undefined) {
      ranges.push({ introduced: open, lastAffected })
      open = undefined
    }
  }
  if (open !== undefined) ranges.push({ introduced: open, ...endOf(open, knownEnd) })
  return limited(ranges, events)
}

function points(events: readonly OsvEvent[]): Point[] {
  const all = new Map<string, Point>()
  for (const { introduced, fixed, last_affected: lastAffected } of events) {
    const text = introduced ?? fixed ?? lastAffected
    if (text === undefined) continue
    const version = text === '0' ? undefined : versionOf(text)
    if (version === undefined && introduced === undefined) continue
    const at = version ?? lowest
    all.set(at.version, {
      ...(all.get(at.version) ?? { at }),
      ...(introduced !== undefined && { introduced }),
      ...(fixed !== undefined && { fixed }),
      ...(lastAffected !== undefined && { lastAffected }),
    })
  }
  return [...all.values()].sort((a, b) => semver.compare(a.at, b.at))
}

function endOf(introduced: string, known: string | undefined): Partial<VersionRange> {
  const [, sign, text = ''] = /^\s*(<=?)\s*(\S+)\s*$/.exec(known ?? '') ?? []
  const end = sign === undefined ? undefined : versionOf(text)
  if (end === undefined || semver.lt(end, beginning(introduced))) return {}
  return sign === '<' ? { fixed: text } : { lastAffected: text }
}

/**
 * Above every limit nothing is said to be affected. A limit is no fix; where ranges end, it ends them as
 * one would.
 */
function limited(ranges: readonly VersionRange[], events: readonly OsvEvent[]): VersionRange[] {
  const limits = events.flatMap(({ limit }) => (limit === undefined ? [] : [versionOf(limit)]))
  // One that cannot be compared, `*` among them, is no limit.
  const known = limits.filter((limit) => limit !== undefined)
  const [highest] = semver.rsort(known)
  if (highest === undefined || known.length < limits.length) return [...ranges]
  return ranges.flatMap((range) => {
    if (semver.gte(beginning(range.introduced), highest)) return []
    const end = range.fixed ?? range.lastAffected
    const ends = end !== undefined && semver.lt(versionOf(end) ?? lowest, highest)
    return [ends ? range : { introduced: range.introduced, fixed: highest.version }]
  })
}
