import type { InstalledPackage, Platform, Project } from '../model.ts'
import { type Fields, textsOf } from './fields.ts'

/** A machine that packages are installed on. */
export interface Host {
  /** `process.platform`: `linux`, `darwin`, `win32`, … */
  readonly os: string
  /** `process.arch`: `x64`, `arm64`, … */
  readonly cpu: string
  /** `glibc` or `musl`; undefined where it is not Linux. */
  readonly libc: string | undefined
}

/** Reads `os`, `cpu` and `libc` of an entry; undefined where it has none of them. */
export function readPlatform(entry: Fields, where: string): Platform | undefined {
  const os = textsOf(entry, 'os', where)
  const cpu = textsOf(entry, 'cpu', where)
  const libc = textsOf(entry, 'libc', where)
  return os.length + cpu.length + libc.length === 0 ? undefined : { os, cpu, libc }
}

/** Whether npm and Bun would install a package on a machine. */
export function fits({ platform }: InstalledPackage, host: Host): boolean {
  if (platform === undefined) return true
  return (
    allows(platform.os, host.os) &&
    allows(platform.cpu, host.cpu) &&
    allows(platform.libc, host.libc)
  )
}

function allows(names: readonly string[], name: string | undefined): boolean {
  if (names.length === 0 || (names.length === 1 && names[0] === 'any')) return true
  if (name === undefined || names.includes(`!${name}`)) return false
  return names.includes(name) || names.every((each) => each.startsWith('!'))
}

/**
 * The keys of the packages that are installed on a machine: those of the lockfile, less those for
 * other machines and what only these want. `npm ls --all` and `bun pm ls --all` list these and the
 * workspaces; a {@linkcode Project} has all, since another machine may install from the same file.
 */
export function installedOn(project: Project, host: Host): ReadonlySet<string> {
  const everywhere = reach(project, () => true)
  const here = reach(project, (found) => fits(found, host))
  const isHere = (found: InstalledPackage) =>
    here.has(found.key) || (!everywhere.has(found.key) && fits(found, host))
  return new Set([...project.packages.values()].filter(isHere).map(({ key }) => key))
}

function reach(
  { manifests, packages }: Project,
  enter: (found: InstalledPackage) => boolean,
): ReadonlySet<string> {
  const reached = new Set<string>()
  const next = manifests.flatMap(({ dependencies }) => dependencies)
  for (let edge = next.pop(); edge !== undefined; edge = next.pop()) {
    const found = edge.to === undefined ? undefined : packages.get(edge.to)
    if (found === undefined || reached.has(found.key) || !enter(found)) continue
    reached.add(found.key)
    for (const each of found.dependencies) next.push(each)
  }
  return reached
}

/** How many packages `npm ls --all` and `bun pm ls --all` list on a machine: workspaces count too. */
export function countListed(project: Project, host: Host): number {
  return installedOn(project, host).size + project.manifests.length - 1
}
