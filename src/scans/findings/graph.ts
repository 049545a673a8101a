/** Who wants whom in a project: what its paths, its development part and its remedies are read from. */
import type { Edge, InstalledPackage, Manifest, Project } from '../model.ts'

/** That one package is wanted by a manifest of the project's own. */
export interface OwnWant {
  readonly by: Manifest
  readonly package: undefined
  readonly edge: Edge
}

/** That one package is wanted by a manifest of the project's own, or by another package. */
export type Want =
  | OwnWant
  | { readonly by: undefined; readonly package: InstalledPackage; readonly edge: Edge }

/** A project, to be walked both ways. Packages have numbers, by their order in the lockfile. */
export interface Graph {
  readonly packages: readonly InstalledPackage[]
  /** What the project's own manifests got, each once. */
  readonly own: readonly number[]
  /** What each package got, each once. */
  readonly wants: readonly (readonly number[])[]
  readonly wantedBy: readonly (readonly number[])[]
  /** Where each package, by its key, is wanted, with the ranges. */
  readonly wanted: ReadonlyMap<string, readonly Want[]>
  readonly numberOf: ReadonlyMap<string, number>
  /** The numbers that only development reaches. What nothing reaches is not among them: it may run. */
  readonly development: ReadonlySet<number>
}

/** Reads a project once, in time that grows with its packages and edges. */
export function graphOf({ manifests, packages }: Project): Graph {
  const list = [...packages.values()]
  const numberOf = new Map(list.map(({ key }, number) => [key, number]))
  const numbers = (edges: readonly Edge[]): readonly number[] => {
    const found = edges.map(({ to }) => (to === undefined ? undefined : numberOf.get(to)))
    return [...new Set(found)].filter((number) => number !== undefined)
  }
  const wants = list.map(({ dependencies }) => numbers(dependencies))
  const edges = manifests.flatMap(({ dependencies }) => dependencies)
  const own = numbers(edges)
  // A folder that the project links to has edges for development, too.
  const running = list.map(({ dependencies }) => numbers(dependencies.filter(isForRunning)))
  const production = reachedFrom(numbers(edges.filter(isForRunning)), running)
  return {
    packages: list,
    own,
    wants,
    wantedBy: turned(wants),
    wanted: wantedIn(manifests, list),
    numberOf,
    development: reachedFrom(own, wants).difference(production),
  }
}

const isForRunning = ({ kind }: Edge): boolean => kind !== 'development'

function turned(wants: readonly (readonly number[])[]): number[][] {
  const back: number[][] = wants.map(() => [])
  for (const [from, all] of wants.entries()) for (const to of all) back[to]?.push(from)
  return back
}

function wantedIn(
  manifests: readonly Manifest[],
  packages: readonly InstalledPackage[],
): Map<string, Want[]> {
  const wanted = new Map<string, Want[]>()
  const add = (want: Want): void => {
    const { to } = want.edge
    if (to === undefined) return
    const known = wanted.get(to)
    if (known === undefined) wanted.set(to, [want])
    else known.push(want)
  }
  for (const by of manifests)
    for (const edge of by.dependencies) add({ by, package: undefined, edge })
  for (const one of packages)
    for (const edge of one.dependencies) add({ by: undefined, package: one, edge })
  return wanted
}

/** All numbers that can be got to, the first ones among them. */
function reachedFrom(
  first: readonly number[],
  next: readonly (readonly number[])[],
): ReadonlySet<number> {
  const reached = new Set(first)
  // A set tells what is added while it is walked.
  for (const number of reached) for (const one of next[number] ?? []) reached.add(one)
  return reached
}
