/** What all reports say in words, the same in each. Names are as they come: whoever prints escapes. */
import { type Counts, countedPaths } from '../findings/index.ts'
import { type Finding, type Remedy, type ScanReport, severities } from '../model.ts'

/** A number as people read it. */
export const number = (value: number): string => value.toLocaleString('en-US')

/** `1 finding`, `2 findings`. */
export const many = (count: number, one: string, more = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : more}`

/** `1 critical, 2 high`; empty where nothing counts. */
const countsInWords = (counts: Counts): string =>
  severities
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${number(counts[severity])} ${inWords[severity]}`)
    .join(', ')

const inWords = {
  critical: 'critical',
  high: 'high',
  moderate: 'moderate',
  low: 'low',
  unknown: 'not rated',
} as const

/** All that counts. */
export const total = ({ ignored: _, ...counts }: Counts): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** How a scan went, in a line; it calls nothing clean that it has not seen all of. */
export function verdictOf(report: ScanReport, counts: Counts): string {
  const { status, packages, withheld, project } = report
  if (status === 'failed') return 'The scan has failed: nothing is known about this project'
  const unasked = withheld === 0 ? '' : ` (${number(withheld)} private, and not asked about)`
  const place = `${many(packages, 'package')} of ${project?.file ?? 'the project'}${unasked}`
  const all = total(counts)
  const ignored = counts.ignored === 0 ? '' : `, ${number(counts.ignored)} ignored`
  const found = `${many(all, 'finding')}${all === 0 ? '' : ` (${countsInWords(counts)})`}${ignored}`
  if (status === 'incomplete')
    return `The scan is incomplete: ${found} so far in ${place}, and there may be more`
  return all === 0 && counts.ignored === 0
    ? `No known vulnerability in ${place}`
    : `${found} in ${place}`
}

/** The ids of a finding's advisory, the main one first; those of npm's own change, and say nothing. */
export const idsOf = ({ advisory: { id, aliases } }: Finding): readonly string[] => [
  id,
  ...aliases.filter((alias) => !alias.startsWith('NPM-')),
]

/** The shortest way to a finding, and how many there are. */
export function wayOf({ paths, pathCount }: Finding): string | undefined {
  const [first] = paths
  if (first === undefined) return undefined
  const count = pathCount >= countedPaths ? `${countedPaths} or more` : String(pathCount)
  return `${first.join(' > ')}${pathCount > 1 ? ` (one of ${count} ways)` : ''}`
}

/** What a remedy does, as an order without its full stop. */
export function orderOf(remedy: Remedy): string {
  const { package: name, version, breaking, leaves, kind, write } = remedy
  const what = {
    update: `Update ${name} to ${version}, which the ranges allow`,
    direct: `Upgrade ${name} to ${version}`,
    parent: `Upgrade ${name} to ${version}, which goes on with a fixed version`,
    override:
      write === undefined
        ? `Bring ${name} to ${version}`
        : `Override ${name} with ${version}, as nothing on the way allows a fixed version`,
  }[kind]
  const also = leaves.length === 0 ? '' : `; what is known against it then: ${leaves.join(', ')}`
  return `${what}${breaking ? '; a major step, which may break what uses it' : ''}${also}`
}

/** Where a fix is. */
export const fixOf = ({ fixedIn }: Finding): string =>
  fixedIn === undefined ? 'No fixed version is known' : `Fixed in ${fixedIn}`

/** Why a finding does not count. */
export const ignoredOf = ({ ignored }: Finding): string | undefined =>
  ignored &&
  `Ignored${ignored.expires === undefined ? '' : ` until ${ignored.expires}`}: ${ignored.reason}`
