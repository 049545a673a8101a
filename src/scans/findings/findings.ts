/** What a scan found in a project: what, how it gets there, what removes it, whether it counts. */
import { type Finding, type Severity, severities } from '../model.ts'
import type { Ignoring } from './ignoring.ts'
import { matchesIn } from './matches.ts'
import { pathsTo } from './paths.ts'
import { mend, type RemedyOptions } from './remedies/index.ts'

/** What findings are made of. */
export interface FindingsOptions extends RemedyOptions {
  readonly ignoring: Ignoring
}

/** The findings of a project, the worst first. */
export async function findingsIn(options: FindingsOptions): Promise<readonly Finding[]> {
  const { graph, known, ignoring } = options
  const isDevelopment = ({ key }: { readonly key: string }) =>
    graph.development.has(graph.numberOf.get(key) ?? -1)
  const matches = matchesIn(graph, known)
  const paths = new Map(matches.map((match) => [match, pathsTo(graph, numbersOf(match.places))]))
  function numbersOf(places: readonly { readonly key: string }[]): number[] {
    return places.map(({ key }) => graph.numberOf.get(key)).filter((one) => one !== undefined)
  }
  const mended = await mend(matches, options)
  const findings = mended.map(({ match, advisory, fixedIn, remedy }): Finding => {
    const { ecosystem = '', name = '', version = '' } = match.places[0] ?? {}
    const { paths: listed = [], pathCount = 0 } = paths.get(match) ?? {}
    return {
      package: { ecosystem, name, version },
      advisory,
      paths: listed,
      pathCount,
      development: match.places.every(isDevelopment),
      fixedIn,
      remedy,
      ignored: ignoring.of(name, advisory),
    }
  })
  return findings.sort(byWeight)
}

/** The worst first; the same findings stand in the same order at every scan. */
function byWeight(a: Finding, b: Finding): number {
  const text = ({ package: { name, version }, advisory }: Finding) =>
    [name, version, advisory.id].join('\n')
  return (
    severities.indexOf(a.advisory.severity) - severities.indexOf(b.advisory.severity) ||
    (b.advisory.cvss?.score ?? 0) - (a.advisory.cvss?.score ?? 0) ||
    (text(a) < text(b) ? -1 : 1)
  )
}

/** How many findings there are of each severity. What is ignored counts apart. */
export type Counts = Readonly<Record<Severity | 'ignored', number>>

/** Counts findings. */
export function countsOf(findings: readonly Finding[]): Counts {
  const counts = { critical: 0, high: 0, moderate: 0, low: 0, unknown: 0, ignored: 0 }
  for (const { advisory, ignored } of findings)
    counts[ignored === undefined ? advisory.severity : 'ignored'] += 1
  return counts
}

/** From which severity on findings make a check fail. */
export type Threshold = Exclude<Severity, 'unknown'> | 'none'

/**
 * Whether a finding is at or above a threshold. What nobody has rated is above all of them: it is as
 * often malware as not.
 */
export function isAtOrAbove({ advisory, ignored }: Finding, threshold: Threshold): boolean {
  if (ignored !== undefined || threshold === 'none') return false
  const { severity } = advisory
  return severity === 'unknown' || severities.indexOf(severity) <= severities.indexOf(threshold)
}
