/** What a registry has of a package, and which of it a package manager would take. */
import semver from 'semver'
import { type PackageMetadata, taken } from '../../metadata/index.ts'

/** The versions of a package. */
export interface Releases {
  readonly versions: PackageMetadata['versions']
  /** The version that npm and Bun take for a range or a tag; undefined where there is none. */
  taken(range: string): string | undefined
}

/** Puts versions up to be chosen from; each range is looked for once. */
export function releasesOf(metadata: PackageMetadata): Releases {
  const found = new Map<string, string | undefined>()
  return {
    versions: metadata.versions,
    taken(range) {
      if (!found.has(range)) found.set(range, taken(metadata, range))
      return found.get(range)
    },
  }
}

/** The range that a version wants a name in; undefined where it does not. */
export function rangeIn(releases: Releases, version: string, name: string): string | undefined {
  const { dependencies = {} } = releases.versions.get(version) ?? {}
  // Every object has a `constructor`, and npm a package of this name.
  return Object.hasOwn(dependencies, name) ? dependencies[name] : undefined
}

/** Whether going from one version to the other one may break who uses it, by Semantic Versioning. */
export const isBreaking = (from: string, to: string): boolean =>
  !(semver.valid(from) !== null && semver.satisfies(to, `^${from}`))
