import type { InstalledPackage, Manifest, Project } from '../model.ts'
import { edgesOf, type From, ownEdges } from './edges.ts'
import { ProjectError, quoted } from './errors.ts'
import { type Fields, malformed, npmNameAt, textOf } from './fields.ts'
import { isInstalled, type PlacedEntry } from './package-lock-places.ts'
import { type PackageTree, readTree } from './package-lock-tree.ts'
import { readPlatform } from './platform.ts'
import { type Group, readWants } from './wants.ts'

/** In npm's order (Arborist's `_loadDeps`): what is both optional and not, is optional. */
const installedGroups: readonly Group[] = [
  ['peerDependencies', 'peer'],
  ['dependencies', 'production'],
  ['optionalDependencies', 'optional'],
]

/** npm looks at what folders of the project's own need for development, and nobody else does. */
const ownGroups: readonly Group[] = [...installedGroups, ['devDependencies', 'development']]

/**
 * Reads a package-lock.json or npm-shrinkwrap.json of version 2 or 3 by its `packages`: the packages
 * that `npm ls --all --package-lock-only` lists, less the workspaces. `resolved` is never followed.
 *
 * @throws {ProjectError} where it is not all there, or of another version
 */
export function readPackageLock(lockfile: Fields, file: string): Project {
  refuseVersion(lockfile['lockfileVersion'])
  const tree = readTree(lockfile)
  const manifests = tree.manifests.map((entry) => readManifest(entry, tree))
  const packages = new Map<string, InstalledPackage>()
  for (const entry of tree.installed) packages.set(entry.place, readPackage(entry, tree))
  return {
    format: 'package-lock.json',
    file,
    manifests,
    packages,
    gaps: tree.gaps.sentences(),
    missing: tree.missing.sentences(),
  }
}

function refuseVersion(version: unknown): void {
  if (version === 2 || version === 3) return
  if (version === 1)
    throw new ProjectError(
      'unsupported',
      'is of version 1 (npm 6), which does not say where packages lie; run `npm install --package-lock-only` with npm 7 or newer',
    )
  const which = typeof version === 'number' ? `version ${version}` : 'no known version'
  throw new ProjectError('unsupported', `is of ${which}; versions 2 and 3 can be read`)
}

function readManifest({ place, fields }: PlacedEntry, tree: PackageTree): Manifest {
  const wants = readWants(fields, ownGroups, place, tree.edges)
  return {
    name: textOf(fields, 'name', place) ?? tree.nameOf(place),
    path: place,
    dependencies: ownEdges(wants, { path: place, folder: tree.folderAt(place) }, tree),
  }
}

function readPackage(entry: PlacedEntry, tree: PackageTree): InstalledPackage {
  const { place, target } = entry
  return target === undefined
    ? readInstalled(entry, { key: place, folder: tree.folderAt(place) }, tree)
    : readLinked(entry, target, tree)
}

function readInstalled(
  { place, name = '', fields }: Omit<PlacedEntry, 'target'>,
  from: From,
  tree: PackageTree,
): InstalledPackage {
  const version = textOf(fields, 'version', place) ?? ''
  if (version === '') tree.gaps.add('Without a version in the lockfile', place)
  const wants = readWants(fields, installedGroups, place, tree.edges)
  const platform = readPlatform(fields, place)
  const bundle: unknown = fields['bundleDependencies']
  const bundled = new Set<unknown>(Array.isArray(bundle) ? bundle : [])
  return {
    key: place,
    ecosystem: 'npm',
    name: npmNameAt(textOf(fields, 'name', place) ?? name, place),
    version,
    dependencies: edgesOf(wants, { ...from, bundled }, tree),
    ...(platform !== undefined && { platform }),
  }
}

/**
 * A link. What it leads to is a folder of the project's own, whose version nobody knows and nobody is
 * told; or a package that an installer other than npm's usual one has put elsewhere.
 */
function readLinked(
  { place, name = '' }: PlacedEntry,
  target: string,
  tree: PackageTree,
): InstalledPackage {
  const fields = tree.folder(target)
  if (fields === undefined) throw malformed(place, `links to ${quoted(target)}, which is missing`)
  const from = { key: place, folder: tree.folderAt(target) }
  if (isInstalled(target)) return readInstalled({ place, name, fields }, from, tree)
  const dependencies = edgesOf(readWants(fields, ownGroups, target, tree.edges), from, tree)
  return { key: place, ecosystem: 'npm', name, version: '', dependencies }
}
