import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ProjectError } from './errors.ts'
import { unreadable } from './read-file.ts'

/** A file to read. */
export interface FoundFile {
  readonly path: string
  /** Relative to the folder that was asked for. */
  readonly name: string
}

/** npm reads a shrinkwrap and not the package-lock.json beside it. */
const npmLockfiles = ['npm-shrinkwrap.json', 'package-lock.json']

/** What others write, and Bun before 1.2: each with what to do. */
const others: ReadonlyMap<string, string> = new Map([
  ['bun.lockb', 'run `bun install --save-text-lockfile` to have a bun.lock'],
  ['yarn.lock', 'scan a CycloneDX SBOM of the project instead'],
  ['pnpm-lock.yaml', 'scan a CycloneDX SBOM of the project instead'],
  ['deno.lock', 'scan a CycloneDX SBOM of the project instead'],
  ['package.json', 'run `npm install` or `bun install` first, which write a lockfile'],
])

/**
 * Finds what to read at a path: the lockfile of a folder, or the file itself. Folders within it are
 * not looked into: a lockfile has its workspaces.
 *
 * @throws {ProjectError} for none, for one that is not known, or where two may disagree
 */
export async function findFile(path: string): Promise<FoundFile> {
  const known = await stat(path).catch((cause: unknown) => {
    throw unreadable(cause, path)
  })
  if (!known.isDirectory()) {
    const name = basename(path)
    const instead = others.get(name)
    if (instead !== undefined) throw unsupported(name, instead)
    return { path, name }
  }
  const names = await readdir(path).catch((cause: unknown) => {
    throw unreadable(cause, path)
  })
  const file = choose(new Set(names))
  return { path: join(path, file), name: file }
}

function choose(names: ReadonlySet<string>): string {
  const npm = npmLockfiles.find((name) => names.has(name))
  const bun = names.has('bun.lock') ? 'bun.lock' : undefined
  if (npm !== undefined && bun !== undefined)
    throw new ProjectError(
      'ambiguous',
      `The folder has both ${bun} and ${npm}, which may say different things; name the one to scan`,
    )
  const found = npm ?? bun
  if (found !== undefined) return found
  for (const [name, instead] of others) if (names.has(name)) throw unsupported(name, instead)
  throw new ProjectError(
    'missing',
    'The folder has neither a bun.lock nor a package-lock.json; name a folder that has one, or a CycloneDX SBOM',
  )
}

function unsupported(name: string, instead: string): ProjectError {
  return new ProjectError('unsupported', `${name} cannot be scanned; ${instead}`)
}
