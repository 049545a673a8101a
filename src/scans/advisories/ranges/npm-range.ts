/** A range of npm's as ranges of versions, exactly: what is in one is in the other. */
import semver, { type Comparator, type SemVer } from 'semver'
import type { VersionRange } from '../../model.ts'
import { lowest, next, versionOf } from './order.ts'

/**
 * Reads a range as npm's audit matches it: with pre-releases, `2.0.0-rc.1` is in `<2.0.0`.
 *
 * @returns undefined for what is no range
 */
export function npmRanges(text: string): VersionRange[] | undefined {
  try {
    // GitHub writes commas between comparators, which the library would drop with what is before them.
    const range = text.replaceAll(',', ' ')
    const { set } = new semver.Range(range, { includePrerelease: true, loose: true })
    return set.flatMap(intersection)
  } catch {
    return undefined
  }
}

interface Bounds {
  readonly from: SemVer
  readonly to?: { readonly version: SemVer; readonly inclusive: boolean }
}

function intersection(comparators: readonly Comparator[]): VersionRange[] {
  let all: Bounds = { from: lowest }
  for (const comparator of comparators) all = narrowed(all, boundsOf(comparator))
  const { from, to } = all
  const introduced = semver.eq(from, lowest) ? '0' : from.version
  if (to === undefined) return [{ introduced }]
  const order = semver.compare(from, to.version)
  if (order > 0 || (order === 0 && !to.inclusive)) return []
  return [
    to.inclusive
      ? { introduced, lastAffected: to.version.version }
      : { introduced, fixed: to.version.version },
  ]
}

function boundsOf({ operator, semver: version }: Comparator): Bounds {
  // What stands for any version has a symbol where the others have a version.
  if (!(version instanceof semver.SemVer)) return { from: lowest }
  switch (operator) {
    case '>=':
      return { from: version }
    case '>':
      return { from: versionOf(next(version)) ?? version }
    case '<':
    case '<=':
      return { from: lowest, to: { version, inclusive: operator === '<=' } }
    default:
      return { from: version, to: { version, inclusive: true } }
  }
}

function narrowed(a: Bounds, b: Bounds): Bounds {
  const from = semver.gt(b.from, a.from) ? b.from : a.from
  const ends = [a.to, b.to].filter((end) => end !== undefined)
  const [to] = ends.sort(
    (x, y) => semver.compare(x.version, y.version) || Number(x.inclusive) - Number(y.inclusive),
  )
  return to === undefined ? { from } : { from, to }
}
