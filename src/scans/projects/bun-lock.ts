import type { InstalledPackage, Manifest, Project } from '../model.ts'
import { type RangeReader, readRanges } from './bun-lock-ranges.ts'
import { type Row, readRow, splitKey } from './bun-lock-rows.ts'
import { edgesOf, ownEdges, type Surroundings } from './edges.ts'
import { ProjectError } from './errors.ts'
import { type Fields, fieldsOf, isFields, malformed, textOf } from './fields.ts'
import { createFolders, type Folder } from './folders.ts'
import { collectGaps } from './gaps.ts'
import { type Budget, budget } from './limits.ts'
import { readPlatform } from './platform.ts'
import { type Group, readWants } from './wants.ts'

/** What Bun makes of a name in two groups: what production gets is installed by `--production`. */
const groups: readonly Group[] = [
  ['devDependencies', 'development'],
  ['peerDependencies', 'peer'],
  ['dependencies', 'production'],
  ['optionalDependencies', 'optional'],
]

/** What lies where in a bun.lock. */
interface BunTree extends Surroundings {
  readonly edges: Budget
  readonly ranges: RangeReader
  folderAt(place: string): Folder
}

/**
 * Reads a bun.lock of version 0 to 3 with all of its keys, nested ones (`a/b`, `@s/a/@t/b`) too: what
 * `bun pm ls --all` lists, less the workspaces, and with the packages for other machines.
 *
 * @throws {ProjectError} where it is not all there, or of another version
 */
export function readBunLock(lockfile: Fields, file: string): Project {
  refuseVersion(lockfile['lockfileVersion'])
  const rows = readRows(lockfile)
  const tree = plant(lockfile, rows)
  const manifests = readManifests(lockfile, tree)
  const packages = new Map<string, InstalledPackage>()
  for (const [key, row] of rows)
    if (row.kind !== 'own') packages.set(key, readPackage(key, row, tree))
  return {
    format: 'bun.lock',
    file,
    manifests,
    packages,
    gaps: tree.gaps.sentences(),
    missing: tree.missing.sentences(),
  }
}

function refuseVersion(version: unknown): void {
  if (typeof version === 'number' && [0, 1, 2, 3].includes(version)) return
  const which = typeof version === 'number' ? `version ${version}` : 'no known version'
  throw new ProjectError('unsupported', `is of ${which}; versions 0 to 3 can be read`)
}

function readRows(lockfile: Fields): ReadonlyMap<string, Row> {
  const rows = Object.entries(fieldsOf(lockfile, 'packages', '') ?? {})
  budget('packages').spend(rows.length)
  return new Map(rows.map(([key, row]) => [key, readRow(key, row)]))
}

function plant(lockfile: Fields, rows: ReadonlyMap<string, Row>): BunTree {
  const folderAt = createFolders((place) => (place === '' ? undefined : splitKey(place).folder))
  for (const key of rows.keys()) {
    const { folder, name } = splitKey(key)
    folderAt(folder).packages.set(name, key)
  }
  return {
    own: (key) => rows.get(key)?.kind === 'own',
    gaps: collectGaps(),
    missing: collectGaps(),
    edges: budget('edges'),
    ranges: readRanges(lockfile),
    folderAt,
  }
}

function readManifests(lockfile: Fields, tree: BunTree): readonly Manifest[] {
  const workspaces = fieldsOf(lockfile, 'workspaces', '') ?? {}
  const { '': root, ...others } = workspaces
  if (!isFields(root)) throw malformed('workspaces', 'has no entry for the project itself')
  const paths = Object.entries(others)
  budget('packages').spend(paths.length)
  return [['', root] as const, ...paths].map(([path, fields]) => readManifest(path, fields, tree))
}

/** A workspace's own folder has its name: `@ws/a/ms` is what only the workspace `@ws/a` gets. */
function readManifest(path: string, fields: unknown, tree: BunTree): Manifest {
  if (!isFields(fields)) throw malformed(path, 'is not an object')
  const name = textOf(fields, 'name', path) ?? ''
  if (path !== '' && name === '') throw malformed(path, 'is a workspace without a name')
  const wants = tree.ranges(readWants(fields, groups, path, tree.edges))
  const folder = tree.folderAt(path === '' ? '' : name)
  return { name, path, dependencies: ownEdges(wants, { path, folder }, tree) }
}

function readPackage(key: string, row: Row, tree: BunTree): InstalledPackage {
  if (row.kind === 'elsewhere')
    tree.gaps.add('From git or an archive, of which the lockfile has no version', key)
  const wants = tree.ranges(readWants(row.info, groups, key, tree.edges))
  const platform = readPlatform(row.info, key)
  return {
    key,
    ecosystem: 'npm',
    name: row.name,
    version: row.version,
    dependencies: edgesOf(wants, { key, folder: tree.folderAt(key) }, tree),
    ...(platform !== undefined && { platform }),
  }
}
