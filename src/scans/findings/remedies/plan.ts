/** From the moves that remove a finding to what its report says of them. */
import type { InstalledPackage, Overrides, Project, Remedy } from '../../model.ts'
import type { Want } from '../graph.ts'
import { type Accept, isAbove, smallest } from './candidates.ts'
import { commandsOf } from './commands.ts'
import { overridesOf } from './override.ts'
import { isBreaking, type Releases } from './releases.ts'
import { type Market, type Step, stepsUp, stepWithin } from './steps.ts'

/** What removes a finding. */
export interface Plan {
  readonly steps: readonly Step[]
  /** What no step helps. */
  readonly override:
    | { readonly package: InstalledPackage; readonly version: string; readonly write: Overrides }
    | undefined
}

/** What is to be removed: an affected version in all places where it is installed. */
export interface Affected {
  readonly places: readonly InstalledPackage[]
  readonly releases: Releases
  /** Which versions have not what the finding is about. */
  readonly accept: Accept
}

/** @returns undefined where nothing removes it */
export async function planFor(affected: Affected, market: Market): Promise<Plan | undefined> {
  const { forPlace } = stepsUp(market)
  const steps: Step[] = []
  for (const target of affected.places) {
    const found = await forPlace(goalOf(affected, target))
    if (found === undefined) return overridePlan(affected, market)
    steps.push(...found)
  }
  const agreed = agree(steps, market)
  if (agreed === undefined) return overridePlan(affected, market)
  return agreed.length === 0 ? undefined : { steps: agreed, override: undefined }
}

const goalOf = ({ releases, accept }: Affected, target: InstalledPackage) => ({
  target,
  releases,
  accept: (version: string) => isAbove(target.version, version) && accept(version),
  below: [],
})

/** One version for each range that several steps want to move. @returns undefined if none is for all */
function agree(steps: readonly Step[], market: Market): readonly Step[] | undefined {
  const agreed = new Map<unknown, Step>()
  for (const step of steps) {
    const key = step.want?.edge ?? step.package.key
    const other = agreed.get(key)
    const one = other === undefined ? step : together(step, other, market)
    if (one === undefined) return undefined
    agreed.set(key, one)
  }
  return [...agreed.values()]
}

function together(step: Step, other: Step, market: Market): Step | undefined {
  const accept = (version: string) => step.accept(version) && other.accept(version)
  const inWorkspace = step.inWorkspace || other.inWorkspace
  if (accept(step.version)) return { ...step, accept, inWorkspace }
  if (accept(other.version)) return { ...other, accept, inWorkspace }
  const { name, version: from } = step.package
  const releases = step.want && step.releases
  const against = (version: string) => market.against(name, version).length
  const version = releases && smallest({ releases, from, accept, against })
  return version === undefined ? undefined : { ...step, version, accept, inWorkspace }
}

/** The steps that can be made, and an override for all else. */
async function overridePlan(affected: Affected, market: Market): Promise<Plan | undefined> {
  const [target] = affected.places
  if (target === undefined) return undefined
  const { releases, accept } = goalOf(affected, target)
  const against = (version: string) => market.against(target.name, version).length
  const version = smallest({ releases, from: target.version, accept, against })
  if (version === undefined) return undefined
  const { forWant } = stepsUp(market)
  const steps: Step[] = []
  const blocked: Want[] = []
  for (const place of affected.places)
    for (const want of market.graph.wanted.get(place.key) ?? []) {
      const goal = goalOf(affected, place)
      const within = stepWithin(want, goal)
      const found = within ?? (want.by && (await forWant(want, goal))?.[0])
      if (found !== undefined) steps.push(found)
      else if (want.by === undefined) blocked.push(want)
      else return undefined
    }
  if (blocked.length === 0) return { steps, override: undefined }
  const write = overridesOf(market.graph, { package: target, version, blocked })
  // An override by name reaches those, too, who would take a newer version by themselves.
  const left = target.name in write || `${target.name}@${target.version}` in write ? [] : steps
  return { steps: left, override: { package: target, version, write } }
}

/** What a report says of a plan. */
export function remedyOf(plan: Plan, project: Project, market: Market): Remedy {
  const { steps, override } = plan
  const main = override ?? mainStep(steps)
  const moved = [...steps, ...(override === undefined ? [] : [override])]
  const leaves = moved.flatMap(({ package: { name }, version }) => market.against(name, version))
  return {
    kind: kindOf(plan),
    package: main?.package.name ?? '',
    version: main?.version ?? '',
    breaking: moved.some((one) => isBreaking(one.package.version, one.version)),
    write: override && { overrides: override.write },
    commands: commandsOf(project.format, steps, override !== undefined),
    leaves: [...new Set(leaves)],
  }
}

function kindOf({ steps, override }: Plan): Remedy['kind'] {
  if (override !== undefined) return 'override'
  if (steps.some(({ distance }) => distance > 0)) return 'parent'
  return steps.some(({ want }) => want !== undefined) ? 'direct' : 'update'
}

/** What a person changes, else what changes furthest up. */
const mainStep = (steps: readonly Step[]): Step | undefined =>
  [...steps].sort(
    (a, b) =>
      Number(b.want !== undefined) - Number(a.want !== undefined) || b.distance - a.distance,
  )[0]
