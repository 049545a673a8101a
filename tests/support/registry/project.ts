/** A project with a lockfile, as npm writes it, from a tree in short. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MadeUpPackage } from './packuments.ts'

/** Where each package lies, with its version and what it wants: `node_modules/a/node_modules/b`. */
export type Tree = Readonly<
  Record<string, { readonly version: string; readonly wants?: Readonly<Record<string, string>> }>
>

/** The name of the package at a place. */
export const nameAt = (place: string): string =>
  place.slice(place.lastIndexOf('node_modules/') + 13)

/** Writes `package.json` and `package-lock.json` (version 3) into a folder of their own. */
export async function npmProject(
  wants: Readonly<Record<string, string>>,
  tree: Tree,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-npm-'))
  const root = { name: 'made-up', version: '1.0.0', dependencies: wants }
  const packages = Object.entries(tree).map(([place, { version, wants: dependencies }]) => [
    place,
    { version, ...(dependencies && { dependencies }) },
  ])
  const lock = {
    name: 'made-up',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(packages) },
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(root))
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lock))
  return folder
}

/** What a registry would know of the packages of a tree, and no more. */
export function packagesOf(tree: Tree): Record<string, MadeUpPackage> {
  const packages = new Map<
    string,
    Record<string, { dependencies?: Readonly<Record<string, string>> }>
  >()
  for (const [place, { version, wants }] of Object.entries(tree)) {
    const name = nameAt(place)
    const known = packages.get(name) ?? {}
    packages.set(name, { ...known, [version]: wants ? { dependencies: wants } : {} })
  }
  return Object.fromEntries([...packages].map(([name, versions]) => [name, { versions }]))
}
