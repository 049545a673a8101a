/** For each finding the smallest change that removes it, each change checked as far as can be. */
import semver from 'semver'
import { isAffected, lowestFixed } from '../../advisories/index.ts'
import type { Advisory, PackageId, Project, Remedy } from '../../model.ts'
import type { Graph } from '../graph.ts'
import type { Known } from '../known.ts'
import type { Match } from '../matches.ts'
import { type Plan, planFor, remedyOf } from './plan.ts'
import { isBreaking, type Releases, releasesOf } from './releases.ts'
import type { Market } from './steps.ts'
import { unify } from './unify.ts'

export { type Releases, releasesOf } from './releases.ts'

/** What remedies are looked for with. */
export interface RemedyOptions {
  readonly project: Project
  readonly graph: Graph
  readonly known: Known
  /** What there is of a package; undefined where nobody can be asked or answers. */
  releasesOf(name: string): Promise<Releases | undefined>
  /** What is known against versions that are to be gone to. */
  ask(packages: readonly PackageId[]): Promise<readonly Advisory[]>
  /** Is told of each that has been looked for, once. @param of how many there are */
  onDone?(of: number): void
}

/** What is to be removed, and what removes it. */
export interface Mended {
  readonly match: Match
  readonly advisory: Advisory
  readonly fixedIn: string | undefined
  readonly remedy: Remedy | undefined
}

/** Times that remedies are looked for again, since the first ones lead to what is affected itself. */
const mostRounds = 3

/** Looks for what removes each advisory of each match. Rejects only if an option does. */
export async function mend(
  matches: readonly Match[],
  options: RemedyOptions,
): Promise<readonly Mended[]> {
  const { project, graph, known, ask } = options
  const market: Market = {
    graph,
    releasesOf: options.releasesOf,
    against: (name, version) =>
      known.against({ ecosystem: 'npm', name, version }).map(({ id }) => id),
  }
  const single = matches.flatMap((match) =>
    match.advisories.map((advisory) => ({ match, advisory })),
  )
  const asked = new Set<string>()
  for (let round = 1; ; round++) {
    const found = await Promise.all(
      single.map(async (one) => {
        const plan = await sought(one, options, market)
        if (round === 1) options.onDone?.(single.length)
        return plan
      }),
    )
    const plans = unify(found.map(({ plan }) => plan))
    const targets = plans.flatMap(targetsOf).filter(({ name, version }) => {
      const key = `${name}@${version}`
      return !asked.has(key) && asked.add(key)
    })
    const isNews = targets.length > 0 && known.add(await ask(targets))
    if (isNews && round < mostRounds) continue
    return found.map(({ match, advisory, fixedIn }, index) => {
      const plan = plans[index]
      const remedy =
        project.format === 'CycloneDX'
          ? inWords(match, graph, fixedIn)
          : plan && remedyOf(plan, project, market)
      return { match, advisory, fixedIn, remedy }
    })
  }
}

async function sought(
  { match, advisory }: { readonly match: Match; readonly advisory: Advisory },
  { project, known, releasesOf: releasesFor }: RemedyOptions,
  market: Market,
) {
  const [first] = match.places
  const { ecosystem = '', name = '', version = '' } = first ?? {}
  const releases = ecosystem === 'npm' ? await releasesFor(name) : undefined
  const fixedIn =
    lowestFixed(version, [advisory], releases?.versions.keys()) ?? lowestFixed(version, [advisory])
  const plan =
    project.format === 'CycloneDX'
      ? undefined
      : await planFor(
          {
            places: match.places,
            releases: releases ?? supposed(known.of(ecosystem, name)),
            accept: (one) => !isAffected(advisory, one),
          },
          market,
        )
  return { match, advisory, fixedIn, plan }
}

/** What advisories name as fixed, where no registry tells what there is. */
function supposed(advisories: readonly Advisory[]): Releases {
  const fixed = advisories.flatMap(({ ranges }) => ranges.map((range) => range.fixed))
  const versions = fixed.filter((one) => one !== undefined && semver.valid(one) !== null)
  const nothing = { dependencies: {}, deprecated: undefined }
  return releasesOf({
    versions: new Map(versions.map((version) => [String(version), nothing])),
    latest: undefined,
    tags: new Map(),
  })
}

const targetsOf = (plan: Plan | undefined): PackageId[] =>
  [...(plan?.steps ?? []), ...(plan?.override === undefined ? [] : [plan.override])].map(
    ({ package: { ecosystem, name }, version }) => ({ ecosystem, name, version }),
  )

/** For an SBOM, which tells neither ranges nor who manages the packages. */
function inWords(match: Match, { own, packages }: Graph, fixedIn?: string): Remedy | undefined {
  const [first] = match.places
  if (fixedIn === undefined || first === undefined) return undefined
  const isOwn = own.some((number) => packages[number]?.name === first.name)
  return {
    kind: isOwn ? 'direct' : 'override',
    package: first.name,
    version: fixedIn,
    breaking: isBreaking(first.version, fixedIn),
    ...{ write: undefined, commands: [], leaves: [] },
  }
}
