/** Which version a package manager takes for what a manifest says. */
import semver from 'semver'
import type { PackageMetadata } from './packument.ts'

/**
 * The range or tag that a registry is asked for; undefined for what none is: a folder, a repository, an
 * address, a workspace.
 */
export function specOf(text: string): string | undefined {
  const [, aliased] = /^npm:(?:@[^@/]+\/)?[^@/]+(?:@(.*))?$/.exec(text) ?? []
  const range = text.startsWith('npm:') ? (aliased ?? '*') : text
  return /[:/]/.test(range) ? undefined : range.trim() || '*'
}

/**
 * The version that npm and Bun take: what the tag is on; else `latest` where it is in the range, though
 * there be higher ones; else the highest that nobody speaks against.
 *
 * @returns undefined where there is none
 */
export function taken(
  { latest, tags, versions }: PackageMetadata,
  spec: string,
): string | undefined {
  if (semver.validRange(spec) === null) return tags.get(spec)
  const inRange = [...versions.keys()].filter((version) => semver.satisfies(version, spec))
  const usable = inRange.filter((version) => versions.get(version)?.deprecated === undefined)
  if (latest !== undefined && usable.includes(latest)) return latest
  return semver.rsort(usable.length > 0 ? usable : inRange)[0]
}
