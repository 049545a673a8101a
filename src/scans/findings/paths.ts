/** How a package is reached: from the project's own dependencies, the shortest way first. */
import type { Graph } from './graph.ts'

/** Ways that are listed; an operator reads two or three. */
export const listedPaths = 10
/** Where counting stops: there may be more ways through 2,000 packages than there are atoms. */
export const countedPaths = 100
/** Looks at a package, after which a count is given up: only cycles make for so many in vain. */
const mostLooks = 5000
/** Steps that are listed of one way: npm's longest chains have some twenty. */
const mostSteps = 50

/** How a package is reached. */
export interface Paths {
  /** Names with versions, from the project's own dependency to the package. */
  readonly paths: readonly (readonly string[])[]
  /** How many there are; at most {@linkcode countedPaths}. */
  readonly pathCount: number
}

/** A way so far, from its end. */
interface Way {
  readonly at: number
  readonly before: Way | undefined
  readonly length: number
}

/**
 * The ways to any of some packages: the shortest one of each own dependency, then others, at most
 * {@linkcode listedPaths}, the shortest first. No way passes a package twice. Time grows with the
 * packages and edges of the project, not with the number of ways.
 */
export function pathsTo(graph: Graph, targets: readonly number[]): Paths {
  const distances = distancesTo(graph, targets)
  const listed = new Map<string, readonly string[]>()
  const left = (number: number): number => distances[number] ?? -1
  const own = graph.own.filter((number) => left(number) >= 0)
  const nearest = own.toSorted((a, b) => left(a) - left(b)).slice(0, listedPaths)
  for (const number of nearest) add(listed, labels(graph, shortestFrom(graph, distances, number)))
  const all = new Map<string, readonly string[]>()
  for (const way of waysBySize(graph, distances, own)) {
    add(all, labels(graph, numbersOf(way)))
    if (all.size === countedPaths) break
  }
  const rest = [...all].filter(([text]) => !listed.has(text)).map(([, path]) => path)
  return {
    paths: [...listed.values(), ...rest.sort(byLength)]
      .slice(0, listedPaths)
      .sort(byLength)
      .map(cut),
    pathCount: Math.min(countedPaths, Math.max(all.size, own.length)),
  }
}

/** Steps from each package to the nearest target; -1 where none is reached. */
function distancesTo({ wantedBy }: Graph, targets: readonly number[]): Int32Array {
  const distances = new Int32Array(wantedBy.length).fill(-1)
  const queue = [...targets]
  for (const target of targets) distances[target] = 0
  for (const at of queue)
    for (const before of wantedBy[at] ?? []) {
      if (distances[before] !== -1) continue
      distances[before] = (distances[at] ?? 0) + 1
      queue.push(before)
    }
  return distances
}

function shortestFrom({ wants }: Graph, distances: Int32Array, first: number): number[] {
  const way = [first]
  let at: number | undefined = first
  while (at !== undefined && distances[at] !== 0) {
    const left: number = distances[at] ?? 0
    at = wants[at]?.find((next) => distances[next] === left - 1)
    if (at !== undefined) way.push(at)
  }
  return way
}

/**
 * Ways from own dependencies to a target, the shortest first: those that are open wait by the length
 * that they will have at least, which the distances tell exactly but for cycles.
 */
function* waysBySize(
  { wants }: Graph,
  distances: Int32Array,
  own: readonly number[],
): Generator<Way> {
  const open: Way[][] = []
  const push = (way: Way): void => {
    const size = way.length + (distances[way.at] ?? 0)
    open[size] ??= []
    open[size]?.push(way)
  }
  for (const at of own.toReversed()) push({ at, before: undefined, length: 1 })
  for (let size = 0, looks = 0; size < open.length; size++)
    for (let way = open[size]?.pop(); way !== undefined; way = open[size]?.pop()) {
      if (distances[way.at] === 0) yield way
      else
        for (const next of wants[way.at] ?? [])
          if ((distances[next] ?? -1) >= 0 && !passes(way, next))
            push({ at: next, before: way, length: way.length + 1 })
      looks += 1
      if (looks === mostLooks) return
    }
}

function passes(way: Way, number: number): boolean {
  for (let one: Way | undefined = way; one !== undefined; one = one.before)
    if (one.at === number) return true
  return false
}

function numbersOf(way: Way): number[] {
  const numbers: number[] = []
  for (let one: Way | undefined = way; one !== undefined; one = one.before) numbers.push(one.at)
  return numbers.reverse()
}

const labels = ({ packages }: Graph, numbers: readonly number[]): string[] =>
  numbers.map((number) => {
    const { name = '', version = '' } = packages[number] ?? {}
    return `${name}@${version}`
  })

const separator = '\n'

const add = (all: Map<string, readonly string[]>, path: readonly string[]): void => {
  all.set(path.join(separator), path)
}

const byLength = (a: readonly string[], b: readonly string[]): number =>
  a.length - b.length || (a.join(separator) < b.join(separator) ? -1 : 1)

function cut(path: readonly string[]): readonly string[] {
  if (path.length <= mostSteps) return path
  const half = mostSteps / 2
  return [...path.slice(0, half), `… ${path.length - mostSteps} more`, ...path.slice(-half)]
}
