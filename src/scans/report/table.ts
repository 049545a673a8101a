/** For a person at a terminal. */
import { countsOf, remediesOf } from '../findings/index.ts'
import type { Finding, OutdatedPackage, Remedy, ScanReport, Severity } from '../model.ts'
import { plain, wrapped } from './plain.ts'
import { fixOf, idsOf, ignoredOf, many, orderOf, verdictOf, wayOf } from './words.ts'

/** How wide it may be. */
const width = 100
const indent = ' '.repeat(10)

/** How a table is printed. */
export interface TableOptions {
  /** Whether the terminal shows colours. @default {false} */
  readonly colours?: boolean
}

const colourOf: Readonly<Record<Severity, string>> = {
  critical: '1;31',
  high: '31',
  moderate: '33',
  low: '36',
  unknown: '35',
}

type Paint = (text: string, code: string) => string

/** A report in lines of 100 columns at most, the verdict at the end. */
export function table(report: ScanReport, { colours = false }: TableOptions = {}): string {
  const paint: Paint = (text, code) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  const counted = report.findings.filter(({ ignored }) => ignored === undefined)
  const ignored = report.findings.filter((finding) => finding.ignored !== undefined)
  const verdict = wrapped(plain(verdictOf(report, countsOf(report.findings))), width)
  const parts = [
    ...[...counted, ...ignored].map((finding) => findingLines(finding, paint)),
    remedyLines(report.findings, paint),
    outdatedLines(report.outdated, paint),
    titled('Worth knowing', report.notes, paint),
    titled('What went wrong', report.problems, paint),
    verdict.map((line) => paint(line, report.status === 'complete' ? '1' : '1;31')),
  ]
  const text = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${text.join('\n\n')}\n`
}

function findingLines(finding: Finding, paint: Paint): readonly string[] {
  const { package: found, advisory, development, ignored } = finding
  const { severity, cvss, title } = advisory
  const rated = severity === 'unknown' ? 'not rated' : severity
  const word = (ignored === undefined ? rated : 'ignored').padEnd(9)
  const score = cvss === undefined ? '' : ` CVSS ${cvss.score.toFixed(1)}`
  const head = `${found.name} ${found.version} ${idsOf(finding).slice(0, 3).join(', ')}${score}`
  const [first = '', ...rest] = wrapped(plain(head), width, indent)
  const way = wayOf(finding)
  const said = [
    title,
    way && `${development ? 'Development only: ' : ''}${way}`,
    fixOf(finding),
    ignoredOf(finding),
  ].filter((line) => line !== undefined && line !== '')
  const colour = ignored === undefined ? colourOf[severity] : '2'
  return [
    `${paint(word.toUpperCase(), colour)} ${first.trimStart()}`,
    ...rest,
    ...said.flatMap((line) => wrapped(plain(String(line), 600), width, indent)),
  ]
}

function remedyLines(findings: readonly Finding[], paint: Paint): readonly string[] {
  const told = remediesOf(findings)
  if (told.length === 0) return []
  const lines = told.flatMap(({ remedy, mends }, nth) => {
    const ids = mends.map(({ advisory, package: { name } }) => `${name} ${advisory.id}`)
    const listed = ids.length > 6 ? [...ids.slice(0, 5), `${ids.length - 5} more`] : ids
    const order = `${orderOf(remedy)}. Mends ${listed.join(', ')}`
    const [first = '', ...rest] = wrapped(plain(order, 900), width, '    ')
    return [
      `${`${nth + 1}.`.padEnd(4)}${first.trimStart()}`,
      ...rest,
      ...writtenLines(remedy),
      ...remedy.commands.flatMap(commandLines).map((line) => paint(line, '1')),
    ]
  })
  return [paint('What to do', '1'), ...lines]
}

function writtenLines({ write }: Remedy): readonly string[] {
  if (write === undefined) return []
  // Without the outer braces: it goes beside what is in the file already.
  const lines = JSON.stringify(write, undefined, 2).split('\n').slice(1, -1)
  const shown = lines.map((line) => `    ${/^ */.exec(line)?.[0]}${plain(line, 80)}`)
  return ['    In package.json:', ...shown]
}

/** A shell reads the lines as one. */
function commandLines(command: string): readonly string[] {
  const [first = '', ...rest] = wrapped(plain(command, 10_000), width - 4, '      ')
  const lines = [first.slice(2), ...rest]
  return lines.map((line, nth) => (nth < lines.length - 1 ? `${line} \\` : line))
}

function outdatedLines(outdated: readonly OutdatedPackage[], paint: Paint): readonly string[] {
  if (outdated.length === 0) return []
  const rows = outdated.map(({ name, version, wanted, latest, majorsBehind, deprecated }) =>
    [
      plain(name, 34).padEnd(34),
      ...[version, wanted, latest].map((one) => plain(one, 14).padEnd(14)),
      majorsBehind === 0 ? '' : many(majorsBehind, 'major'),
      deprecated === undefined ? '' : 'deprecated',
    ]
      .join(' ')
      .trimEnd(),
  )
  const head = ['Outdated'.padEnd(34), 'installed'.padEnd(14), 'wanted'.padEnd(14), 'latest']
  return [paint(head.join(' '), '1'), ...rows]
}

function titled(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  if (lines.length === 0) return []
  const items = lines.flatMap((line) => {
    const [first = '', ...rest] = wrapped(plain(line, 600), width, '  ')
    return [`- ${first.trimStart()}`, ...rest]
  })
  return [paint(title, '1'), ...items]
}
