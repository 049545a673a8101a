import semver from 'semver'
import type { Plan } from './plan.ts'
import { isBreaking } from './releases.ts'
import type { Step } from './steps.ts'

/** One version for a range that several findings want to move, where it breaks no more than theirs. */
export function unify(plans: readonly (Plan | undefined)[]): readonly (Plan | undefined)[] {
  const versions = new Map<unknown, string[]>()
  for (const { want, version } of plans.flatMap((plan) => plan?.steps ?? []))
    if (want !== undefined) versions.set(want.edge, [...(versions.get(want.edge) ?? []), version])
  const highest = (step: Step): Step => {
    const { accept, package: moved } = step
    const breaking = isBreaking(moved.version, step.version)
    const version = semver
      .rsort([...(versions.get(step.want?.edge) ?? [])])
      .find((one) => accept(one) && isBreaking(moved.version, one) === breaking)
    return version === undefined ? step : { ...step, version }
  }
  return plans.map((plan) => plan && { ...plan, steps: plan.steps.map(highest) })
}
