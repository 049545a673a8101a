/** Which versions an advisory is about, and the way out of them. */
import semver, { type SemVer } from 'semver'
import type { Advisory, VersionRange } from '../../model.ts'
import { beginning, versionOf } from './order.ts'

/**
 * Whether an advisory is about a version, by its list and by its ranges. A withdrawn one is about none.
 * `ranges` hold only what goes by the order of Semantic Versioning, whatever the ecosystem.
 */
export function isAffected(advisory: Advisory, version: string): boolean {
  if (advisory.withdrawn !== undefined) return false
  if (advisory.versions.includes(version)) return true
  const parsed = versionOf(version)
  return parsed !== undefined && advisory.ranges.some((range) => isIn(range, parsed))
}

/**
 * The lowest version above one that no advisory of a list is about.
 *
 * @param advisories of one package
 * @param published what there is of it; without, the versions that advisories name as fixed, some of
 *   which may never have been published
 * @returns undefined where there is none. A pre-release is an answer only to a pre-release.
 */
export function lowestFixed(
  version: string,
  advisories: readonly Advisory[],
  published: Iterable<string> = fixes(advisories),
): string | undefined {
  const from = versionOf(version)
  if (from === undefined) return undefined
  const above = [...published]
    .map((text) => ({ text, parsed: versionOf(text) }))
    .filter((one): one is { text: string; parsed: SemVer } => one.parsed !== undefined)
    .filter(({ parsed }) => semver.gt(parsed, from))
    .filter(({ parsed }) => from.prerelease.length > 0 || parsed.prerelease.length === 0)
    .sort((a, b) => semver.compareBuild(a.parsed, b.parsed))
  return above.find(({ text }) => !advisories.some((advisory) => isAffected(advisory, text)))?.text
}

function fixes(advisories: readonly Advisory[]): string[] {
  return advisories.flatMap(({ ranges }) => ranges.flatMap(({ fixed }) => fixed ?? []))
}

function isIn({ introduced, fixed, lastAffected }: VersionRange, version: SemVer): boolean {
  if (semver.lt(version, beginning(introduced))) return false
  const [end, last] = [fixed, lastAffected].map((text) => text && versionOf(text))
  // An end that cannot be compared is none, which errs to affected.
  if (end) return semver.lt(version, end)
  return !last || semver.lte(version, last)
}
