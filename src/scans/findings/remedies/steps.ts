/** The way up from an affected package: what has to move so that nothing wants it any more. */
import semver from 'semver'
import { specOf } from '../../metadata/index.ts'
import type { InstalledPackage } from '../../model.ts'
import type { Graph, OwnWant, Want } from '../graph.ts'
import { type Accept, isAbove, smallest } from './candidates.ts'
import { type Releases, rangeIn } from './releases.ts'

/** One move of a remedy. */
export interface Step {
  /** The manifest of the project's own that asks for another range; undefined: within the ranges. */
  readonly want: OwnWant | undefined
  readonly package: InstalledPackage
  readonly version: string
  readonly releases: Releases
  /** Which other versions would do. */
  readonly accept: Accept
  /** Whether a workspace wants it, not the root. */
  readonly inWorkspace: boolean
  /** How many packages there are between it and the affected one. */
  readonly distance: number
}

/** What is known where remedies are looked for. */
export interface Market {
  readonly graph: Graph
  /** Undefined where nothing is known of a package. */
  releasesOf(name: string): Promise<Releases | undefined>
  /** Ids of what is known against a version. */
  against(name: string, version: string): readonly string[]
}

/** A place in the tree, and what should be there. */
export interface Goal {
  readonly target: InstalledPackage
  /** What there is of it. */
  readonly releases: Releases
  readonly accept: Accept
  /** The places between it and the affected package, which are not come to again. */
  readonly below: readonly string[]
}

/** How far up is looked: who is further away moves on its own more often than not. */
const farthest = 6
/** Wants that are looked at for one finding: what is wanted in more places is better overridden. */
const mostLooks = 300

/** Looks for the moves of one finding. */
export function stepsUp(market: Market) {
  let looks = 0

  /** What has to move so that a place gets what it should; undefined where nothing helps. */
  async function forPlace(goal: Goal): Promise<readonly Step[] | undefined> {
    const { target, below } = goal
    if (below.includes(target.key) || below.length > farthest) return undefined
    const steps: Step[] = []
    for (const want of market.graph.wanted.get(target.key) ?? []) {
      looks += 1
      const found = looks > mostLooks ? undefined : await forWant(want, goal)
      if (found === undefined) return undefined
      steps.push(...found)
    }
    return steps
  }

  /** The same for one of those that want it. */
  async function forWant(want: Want, goal: Goal): Promise<readonly Step[] | undefined> {
    const step = stepWithin(want, goal)
    if (step !== undefined) return [step]
    if (want.by !== undefined) return stepOf(want, goal, market)
    const parent = want.package
    const releases = await market.releasesOf(parent.name)
    if (releases === undefined) return undefined
    const lets = parentThatLets(want.edge.name, goal, releases)
    const steps = await forPlace({
      target: parent,
      releases,
      accept: (version) => isAbove(parent.version, version) && lets(version),
      below: [...goal.below, goal.target.key],
    })
    return steps && [...steps, ...remaining(steps, want, goal, releases)]
  }

  return { forPlace, forWant }
}

/** The move that a package manager makes within the range, if that will do. */
export function stepWithin({ by, edge }: Want, goal: Goal): Step | undefined {
  const { target, releases, accept } = goal
  const spec = specOf(edge.name, edge.range)
  if (spec === undefined) return undefined
  // What is installed against its range was forced by an override, which an update would obey again.
  if (by === undefined && isAgainst(target.version, spec.range)) return undefined
  const version = releases.taken(spec.range)
  if (version === undefined || !accept(version)) return undefined
  const inWorkspace = by !== undefined && by.path !== ''
  return { ...moveOf(goal), want: undefined, version, inWorkspace }
}

const isAgainst = (version: string, range: string): boolean =>
  semver.validRange(range) !== null &&
  !semver.satisfies(version, range, { includePrerelease: true })

/** The move of a manifest of the project's own to another range. */
function stepOf(want: OwnWant, goal: Goal, market: Market): readonly Step[] | undefined {
  const { target, releases, accept } = goal
  if (specOf(want.edge.name, want.edge.range) === undefined) return undefined
  const against = (version: string) => market.against(target.name, version).length
  const version = smallest({ releases, from: target.version, accept, against })
  const inWorkspace = want.by.path !== ''
  return version === undefined ? undefined : [{ ...moveOf(goal), want, version, inWorkspace }]
}

const moveOf = ({ target, releases, accept, below }: Goal) => ({
  ...{ package: target, releases, accept },
  distance: below.length,
})

/** Which versions of a parent want the package no more, or get one that will do. */
function parentThatLets(
  name: string,
  { target, releases, accept }: Goal,
  ofParent: Releases,
): Accept {
  return (version) => {
    const range = rangeIn(ofParent, version, name)
    if (range === undefined) return true
    const spec = specOf(name, range)
    if (spec === undefined) return false
    if (spec.name !== target.name) return true
    const got = releases.taken(spec.range)
    return got !== undefined && accept(got)
  }
}

/**
 * The move of the package itself, where the new version of its parent would go on with what is
 * installed: package managers keep what they can.
 */
function remaining(
  steps: readonly Step[],
  { package: parent, edge }: Want,
  goal: Goal,
  ofParent: Releases,
): readonly Step[] {
  const { target, releases } = goal
  for (const { package: moved, version } of steps) {
    const range = rangeIn(ofParent, version, edge.name)
    if (moved.key !== parent?.key || range === undefined) continue
    const spec = specOf(edge.name, range)
    if (spec === undefined || isAgainst(target.version, spec.range)) continue
    const next = releases.taken(spec.range)
    if (next !== undefined)
      return [{ ...moveOf(goal), want: undefined, version: next, inWorkspace: false }]
  }
  return []
}
