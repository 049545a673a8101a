/** What a manifest asks a registry for, and which version package managers take for it. */
import semver from 'semver'
import type { PackageMetadata } from './packument.ts'

/** Which versions of which package a dependency asks for. */
export interface Spec {
  readonly name: string
  /** A range of versions, or a tag. */
  readonly range: string
}

const alias = /^npm:(@[^@/]+\/[^@/]+|[^@/]+)(?:@(.*))?$/

/**
 * Reads what stands behind a name in a manifest.
 *
 * @returns undefined for what no registry is asked about: a folder, a repository, an address, a workspace
 */
export function specOf(name: string, text: string): Spec | undefined {
  const [, real, aliased = ''] = alias.exec(text) ?? []
  const range = (real === undefined ? text : aliased).trim()
  return /[:/]/.test(range) ? undefined : { name: real ?? name, range: range || '*' }
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
