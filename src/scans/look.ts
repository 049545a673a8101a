/** What is known of a project that has been read: all that a scan asks others. */
import { withoutPrivate } from './advisories/index.ts'
import { counted, Gaps } from './advisories/problems.ts'
import { questions } from './asking.ts'
import {
  findingsIn,
  graphOf,
  type Ignore,
  ignoring,
  known,
  type Releases,
  releasesOf,
} from './findings/index.ts'
import { type MetadataSource, outdatedPackages } from './metadata/index.ts'
import type { Project, ScanReport } from './model.ts'
import { countListed, knownPackages, thisHost } from './projects/index.ts'
import type { ScanOptions } from './scan-options.ts'

/** What looking takes beyond a scan's own options. */
interface LookOptions extends ScanOptions {
  readonly ignores: readonly Ignore[]
  readonly startedAt: Date
}

type Found = Pick<
  ScanReport,
  'packages' | 'withheld' | 'findings' | 'outdated' | 'problems' | 'notes'
>

/** Packages whose versions are asked for so that remedies are found: each may cost a megabyte. */
const mostAsked = 300

/** Asks all sources about all packages, and makes findings of what they say. */
export async function look(project: Project, options: LookOptions): Promise<Found> {
  const { metadata, outdated: wantsOutdated = true, private: names = [], onProgress } = options
  const packages = knownPackages(project)
  const asked = withoutPrivate(packages, names)
  const { first, more } = questions(options)
  const [answer, outdated] = await Promise.all([
    first(asked),
    metadata !== undefined && wantsOutdated
      ? outdatedPackages(project, metadata)
      : { outdated: [], problems: [], notes: [] },
  ])
  options.signal.throwIfAborted()
  const list = ignoring(options.ignores, options.startedAt)
  const problems = new Set([...answer.problems, ...outdated.problems])
  const market = releases(metadata)
  let done = 0
  const findings = await findingsIn({
    project,
    graph: graphOf(project),
    known: known(answer.advisories),
    ignoring: list,
    releasesOf: market.releasesOf,
    async ask(targets) {
      const { advisories, problems: again } = await more(withoutPrivate(targets, names))
      for (const problem of again) problems.add(problem)
      return advisories
    },
    onDone: (of) => onProgress?.({ step: 'remedies', done: ++done, of }),
  })
  if (packages.length === 0 && (project.gaps ?? []).length > 0)
    problems.add('Nobody can be asked about any of its packages.')
  const isWhole = answer.problems.length === 0 && options.production !== true
  return {
    packages: countListed(project, await thisHost()),
    withheld: packages.length - asked.length,
    findings,
    outdated: outdated.outdated,
    problems: [...(project.missing ?? []), ...problems, ...market.problems()],
    notes: [
      ...(project.gaps ?? []),
      ...list.notes({ unmatched: isWhole }),
      ...outdated.notes,
      ...market.notes(),
    ],
  }
}

/** The versions of packages, each read once, and no more of them than a scan may ask for. */
function releases(metadata: MetadataSource | undefined) {
  const all = new Map<string, Promise<Releases | undefined>>()
  const missing = new Gaps(
    (count, why) =>
      `The versions of ${counted(count, 'package')}, for remedies, are missing: ${why}.`,
  )
  let isOver = false
  async function ask(name: string): Promise<Releases | undefined> {
    const answer = await metadata?.versionsOf(name)
    if (answer === undefined) return undefined
    if (answer.ok) return releasesOf(answer.metadata)
    if (answer.kind === 'failed') missing.add(answer.why)
    return undefined
  }
  return {
    async releasesOf(name: string): Promise<Releases | undefined> {
      const asked = all.get(name)
      if (asked !== undefined) return asked
      isOver = all.size >= mostAsked
      if (isOver) return undefined
      const asking = ask(name)
      all.set(name, asking)
      return asking
    },
    problems: () => missing.sentences,
    notes: () =>
      isOver ? [`Remedies were looked for among the versions of ${mostAsked} packages only.`] : [],
  }
}
