import type { Surroundings } from './edges.ts'
import { type Fields, fieldsOf, malformed } from './fields.ts'
import { createFolders, type Folder } from './folders.ts'
import { collectGaps } from './gaps.ts'
import { type Budget, budget } from './limits.ts'
import { isInstalled, type PlacedEntry, placeAround, readPlace } from './package-lock-places.ts'
import { workspaceTest } from './package-lock-workspaces.ts'

/** What lies where in a package-lock.json. */
export interface PackageTree extends Surroundings {
  readonly edges: Budget
  /** The root first, then the workspaces, then folders of the project that nothing links to. */
  readonly manifests: readonly PlacedEntry[]
  /** Packages and links to folders, less the links to workspaces. */
  readonly installed: readonly PlacedEntry[]
  folderAt(place: string): Folder
  /** The entry of a place that is linked to. */
  folder(place: string): Fields | undefined
  /** What a folder is linked as: npm leaves out the name of a workspace that is called like its folder. */
  nameOf(place: string): string
}

/** Reads the places of a lockfile. @throws {ProjectError} for one that cannot be */
export function readTree(lockfile: Fields): PackageTree {
  const entries = readEntries(lockfile)
  const root = entries.get('')
  if (root === undefined) throw malformed('packages', 'has no entry for the project itself')
  const folderAt = createFolders(placeAround)
  const { names, own } = readLinks(entries, workspaceTest(root.fields))
  for (const { place, name } of entries.values())
    if (name !== undefined) folderAt(placeAround(place) ?? '').packages.set(name, place)
  const all = [...entries.values()]
  const folders = all.filter(({ place, name }) => place !== '' && name === undefined)
  const unlinked = folders.filter(({ place }) => !names.has(place))
  for (const { place, fields } of unlinked)
    if (isInstalled(place) && fields['version'] !== undefined)
      throw malformed(place, 'is no place for a package')
  return {
    own: (key) => own.has(key),
    gaps: collectGaps(),
    missing: collectGaps(),
    edges: budget('edges'),
    manifests: [
      root,
      ...folders.filter(({ place }) => own.has(place)),
      ...unlinked.filter(({ place }) => !isInstalled(place)),
    ],
    installed: all.filter(({ place, name }) => name !== undefined && !own.has(place)),
    folderAt,
    folder: (place) => entries.get(place)?.fields,
    nameOf: (place) => names.get(place) ?? place.slice(place.lastIndexOf('/') + 1),
  }
}

function readEntries(lockfile: Fields): ReadonlyMap<string, PlacedEntry> {
  const packages = fieldsOf(lockfile, 'packages', '')
  if (packages === undefined) throw malformed('', 'has no "packages"')
  const places = Object.entries(packages)
  budget('packages').spend(places.length)
  return new Map(places.map(([place, fields]) => [place, readPlace(place, fields)]))
}

/** Folders by the name that they are linked as; and the places of workspaces and of links to them. */
function readLinks(
  entries: ReadonlyMap<string, PlacedEntry>,
  isWorkspace: (path: string) => boolean,
) {
  const names = new Map<string, string>()
  const own = new Set<string>()
  for (const { place, name, target } of entries.values()) {
    if (name === undefined || target === undefined) continue
    names.set(target, name)
    if (isWorkspace(target) && entries.has(target)) own.add(place).add(target)
  }
  return { names, own }
}
