/** The project's own dependencies that are not the newest. */
import semver from 'semver'
import { counted, few, Gaps } from '../advisories/problems.ts'
import type { Edge, InstalledPackage, OutdatedPackage, Project } from '../model.ts'
import type { PackageMetadata } from './packument.ts'
import type { MetadataSource } from './source.ts'
import { specOf, taken } from './wanted.ts'

/** What is known of a project's own dependencies. */
export interface OutdatedAnswer {
  /** By name. A newest version that is deprecated is among them. */
  readonly outdated: readonly OutdatedPackage[]
  /** Whose newest version nobody could tell, and why. */
  readonly problems: readonly string[]
  /** What takes nothing from the scan: names that the registry does not know. */
  readonly notes: readonly string[]
}

/** Dependencies that are looked at: each costs a document of a megabyte. A manifest with 100 is a large one. */
const most = 1000

/** Looks the project's own dependencies up: npm's, and what is wanted from a registry. */
export async function outdatedPackages(
  project: Project,
  source: MetadataSource,
): Promise<OutdatedAnswer> {
  const all = wants(project)
  const missing = new Gaps(
    (count, why) =>
      `Newer versions of ${counted(count, 'dependency', 'dependencies')} are not known: ${why}.`,
  )
  if (all.length > most) missing.add('there are too many', all.length - most)
  const unknown: string[] = []
  const found = await Promise.all(
    all.slice(0, most).map(async ({ edge, installed }) => {
      const answer = await source.versionsOf(installed.name)
      if (answer.ok) return aged(compare(edge, installed, answer.metadata), source)
      if (answer.kind === 'failed') missing.add(answer.why)
      if (answer.kind === 'unknown') unknown.push(installed.name)
      return undefined
    }),
  )
  const outdated = found.filter((one) => one !== undefined)
  return {
    outdated: outdated.sort(
      (a, b) => a.name.localeCompare(b.name, 'en') || semver.compare(a.version, b.version),
    ),
    problems: missing.sentences,
    notes:
      unknown.length === 0
        ? []
        : [`The registry does not know ${few(unknown.sort())}: name with --private what is yours.`],
  }
}

interface Want {
  readonly edge: Edge
  readonly installed: InstalledPackage
}

/** Each package and version once, as the first manifest wants it: the root's word before a workspace's. */
function wants({ manifests, packages }: Project): Want[] {
  const found = new Map<string, Want>()
  for (const edge of manifests.flatMap(({ dependencies }) => dependencies)) {
    const installed = edge.to === undefined ? undefined : packages.get(edge.to)
    if (installed?.ecosystem !== 'npm' || specOf(edge.name, edge.range) === undefined) continue
    const key = `${installed.name}@${installed.version}`
    if (semver.valid(installed.version) !== null && !found.has(key))
      found.set(key, { edge, installed })
  }
  return [...found.values()]
}

/** @returns undefined where it is the newest, and nobody speaks against it */
function compare(
  edge: Edge,
  { name, version }: InstalledPackage,
  metadata: PackageMetadata,
): Omit<OutdatedPackage, 'releasedAt'> | undefined {
  const { versions, latest = version } = metadata
  const wanted = taken(metadata, specOf(edge.name, edge.range)?.range ?? '*') ?? version
  const deprecated = versions.get(version)?.deprecated
  if (![wanted, latest].some((other) => isAbove(other, version)) && deprecated === undefined)
    return undefined
  return {
    name,
    version,
    wanted: isAbove(wanted, version) ? wanted : version,
    latest,
    majorsBehind: Math.max(0, major(latest) - major(version)),
    deprecated,
  }
}

/** Since when it is installed as it is: only of what is outdated, for it takes all that a registry has. */
async function aged(
  found: Omit<OutdatedPackage, 'releasedAt'> | undefined,
  source: MetadataSource,
): Promise<OutdatedPackage | undefined> {
  return found && { ...found, releasedAt: (await source.timesOf(found.name)).get(found.version) }
}

const isAbove = (a: string, b: string) => semver.valid(a) !== null && semver.gt(a, b)
const major = (version: string) => semver.parse(version)?.major ?? 0
