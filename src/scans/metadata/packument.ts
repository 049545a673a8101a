/** What a registry answers about a package, as far as a scan reads it. */
import { type } from 'arktype'
import { compiledWhenHot } from '../../compiled-when-hot.ts'
import { oneLine } from '../advisories/text.ts'

/** One version of a package. */
export interface PublishedVersion {
  /** What it wants to run, by the name that it wants it by: optional ones and peers, too. */
  readonly dependencies: Readonly<Record<string, string>>
  /** What its maintainers say against it. */
  readonly deprecated: string | undefined
}

/** A package as its registry has it. */
export interface PackageMetadata {
  readonly versions: ReadonlyMap<string, PublishedVersion>
  /** What the tag `latest` is on. */
  readonly latest: string | undefined
  /** Versions by tag, `latest` among them. */
  readonly tags: ReadonlyMap<string, string>
  /** RFC 3339 of each version's release; undefined where it was not asked for, or is not to be had. */
  readonly times?: ReadonlyMap<string, string>
}

const names = type({ '[string]': 'string' })

const version = type({
  'dependencies?': names,
  'optionalDependencies?': names,
  'peerDependencies?': names,
  'deprecated?': 'string | boolean',
})

// A package may have thousands of them.
const readVersion = compiledWhenHot(version)

const packument = type({
  versions: type({ '[string]': 'unknown' }),
  'dist-tags?': type({ '[string]': 'unknown' }),
  'time?': type({ '[string]': 'unknown' }),
})

/** Reads an answer; undefined for what says nothing of versions. One that cannot be read is not offered. */
export function readPackument(value: unknown): PackageMetadata | undefined {
  const read = packument(value)
  if (read instanceof type.errors) return undefined
  const versions = new Map<string, PublishedVersion>()
  for (const [number, entry] of Object.entries(read.versions)) {
    const published = publishedVersion(entry)
    if (published !== undefined) versions.set(number, published)
  }
  const tags = texts(read['dist-tags'])
  return {
    versions,
    latest: tags.get('latest'),
    tags,
    ...(read.time !== undefined && { times: texts(read.time) }),
  }
}

function publishedVersion(entry: unknown): PublishedVersion | undefined {
  const read = readVersion(entry)
  if (read instanceof type.errors) return undefined
  const { peerDependencies, optionalDependencies, dependencies, deprecated = false } = read
  return {
    dependencies: { ...peerDependencies, ...optionalDependencies, ...dependencies },
    deprecated: deprecated === true ? 'deprecated' : oneLine(deprecated || '') || undefined,
  }
}

function texts(all: Readonly<Record<string, unknown>> = {}): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(all))
    if (typeof value === 'string') found.set(name, value)
  return found
}
