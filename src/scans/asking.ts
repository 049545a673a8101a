/** One question to all sources of advisories, and one answer of them. */
import { mergeAdvisories, oddities } from './advisories/index.ts'
import type { Advisory, AdvisorySource, PackageId, SourceAnswer } from './model.ts'
import type { ScanOptions } from './scan-options.ts'

/** The questions of one scan. */
export function questions({ sources, withdrawals, signal, onProgress }: ScanOptions) {
  const failed = new Set<AdvisorySource>()

  /** Asks all that have not failed yet: who could not tell of all packages is not asked about more. */
  async function ask(packages: readonly PackageId[], tell?: () => void): Promise<SourceAnswer> {
    const answers = await Promise.all(
      sources
        .filter((source) => !failed.has(source))
        .map(async (source) => {
          const answer = await answerOf(source, packages, signal)
          if (answer.problems.length > 0) failed.add(source)
          tell?.()
          return answer
        }),
    )
    return {
      advisories: await living(mergeAdvisories(answers.flatMap(({ advisories }) => advisories))),
      problems: answers.flatMap(({ problems }) => problems),
    }
  }

  /** Without what was withdrawn, though npm lists it alone. */
  async function living(advisories: readonly Advisory[]): Promise<readonly Advisory[]> {
    const ids = advisories.filter(({ sources: who }) => who.join() === 'npm').map(({ id }) => id)
    const withdrawn = ids.length === 0 ? undefined : await withdrawals?.(ids, signal)
    return withdrawn === undefined || withdrawn.size === 0
      ? advisories
      : advisories.filter(({ id }) => !withdrawn.has(id))
  }

  return {
    /** About all that is installed. */
    async first(packages: readonly PackageId[]): Promise<SourceAnswer> {
      if (sources.length === 0) return nobody
      let done = 0
      const tell = () => onProgress?.({ step: 'sources', done, of: sources.length })
      tell()
      const { advisories, problems } = await ask(packages, () => {
        done += 1
        tell()
      })
      return { advisories, problems: [...oddities(packages), ...problems] }
    },
    /** About what remedies lead to. */
    more: (packages: readonly PackageId[]): Promise<SourceAnswer> => ask(packages),
  }
}

const nobody: SourceAnswer = { advisories: [], problems: ['No source of advisories was asked.'] }

/** One that breaks its word and rejects is a problem, too. */
async function answerOf(
  source: AdvisorySource,
  packages: readonly PackageId[],
  signal: AbortSignal,
): Promise<SourceAnswer> {
  if (packages.length === 0) return { advisories: [], problems: [] }
  try {
    return await source.ask(packages, signal)
  } catch {
    return { advisories: [], problems: [`${source.name} could not be asked.`] }
  }
}
