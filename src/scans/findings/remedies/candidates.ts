import semver from 'semver'
import { isBreaking, type Releases } from './releases.ts'

/** What a version must be for a step to take it. */
export type Accept = (version: string) => boolean

/** Where a version is looked for. */
export interface Search {
  readonly releases: Releases
  /** What is installed. */
  readonly from: string
  readonly accept: Accept
  /** How much is known against a version: what has nothing against it goes first. */
  readonly against: (version: string) => number
}

/**
 * The smallest step that will do: one that breaks nothing before one that may, a version that nobody
 * speaks against before another one, the lowest.
 *
 * @returns undefined where none will do; pre-releases never do
 */
export function smallest({ releases, from, accept, against }: Search): string | undefined {
  const rank = (version: string): readonly [number, number, number] => [
    isBreaking(from, version) ? 1 : 0,
    releases.versions.get(version)?.deprecated === undefined ? 0 : 1,
    against(version),
  ]
  const ranked = [...releases.versions.keys()]
    .filter((version) => isAbove(from, version) && accept(version))
    .map((version) => ({ version, rank: rank(version) }))
  const [best] = ranked.sort(
    (a, b) =>
      a.rank[0] - b.rank[0] ||
      a.rank[1] - b.rank[1] ||
      a.rank[2] - b.rank[2] ||
      semver.compareBuild(a.version, b.version),
  )
  return best?.version
}

/** Whether a version can be gone to from an installed one. */
export const isAbove = (from: string, version: string): boolean =>
  semver.valid(from) !== null &&
  semver.valid(version) !== null &&
  semver.prerelease(version) === null &&
  semver.gt(version, from)
