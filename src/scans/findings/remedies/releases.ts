/** What a registry has of a package, and which of it a package manager would take. */
import semver from 'semver'

/** A version of a package, as far as a remedy needs it. */
export interface Release {
  /** What it wants to run, by the name that it wants it by: the ranges. */
  readonly dependencies: Readonly<Record<string, string>>
  /** What its maintainers say against it. */
  readonly deprecated: string | undefined
}

/** The versions of a package. */
export interface Releases {
  readonly versions: ReadonlyMap<string, Release>
  /**
   * The version that npm and Bun take for a range: what the tag `latest` is on where it is in it, else
   * the highest one that nobody speaks against.
   *
   * @returns undefined where there is none, or the range is a tag that is not known here
   */
  taken(range: string): string | undefined
}

/** Puts versions up to be chosen from; each range is looked for once. */
export function releasesOf(
  latest: string | undefined,
  versions: ReadonlyMap<string, Release>,
): Releases {
  const found = new Map<string, string | undefined>()
  const isUsable = (version: string) => versions.get(version)?.deprecated === undefined
  function look(range: string): string | undefined {
    if (range === 'latest') return latest
    if (semver.validRange(range) === null) return undefined
    const inRange = [...versions.keys()].filter((version) => semver.satisfies(version, range))
    if (latest !== undefined && inRange.includes(latest) && isUsable(latest)) return latest
    const [highest] = semver.rsort(inRange.filter(isUsable))
    return highest ?? semver.rsort(inRange)[0]
  }
  return {
    versions,
    taken(range) {
      if (!found.has(range)) found.set(range, look(range))
      return found.get(range)
    },
  }
}

/** Which versions of which package a dependency asks for. */
export interface Spec {
  readonly name: string
  /** A range of versions, or a tag. */
  readonly range: string
}

/** The range that a version wants a name in; undefined where it does not. */
export function rangeIn(releases: Releases, version: string, name: string): string | undefined {
  const { dependencies = {} } = releases.versions.get(version) ?? {}
  // Every object has a `constructor`, and npm a package of this name.
  return Object.hasOwn(dependencies, name) ? dependencies[name] : undefined
}

const alias = /^npm:(@[^@/]+\/[^@/]+|[^@/]+)(?:@(.*))?$/

/**
 * Reads what stands behind a name in a manifest.
 *
 * @returns undefined for what no registry is asked about: a folder, a repository, an address
 */
export function specOf(name: string, text: string): Spec | undefined {
  const [, real, range = '*'] = alias.exec(text) ?? []
  if (real !== undefined) return { name: real, range }
  return /[:/]/.test(text) ? undefined : { name, range: text === '' ? '*' : text }
}

/** Whether going from one version to the other one may break who uses it, by Semantic Versioning. */
export const isBreaking = (from: string, to: string): boolean =>
  !(semver.valid(from) !== null && semver.satisfies(to, `^${from}`))
