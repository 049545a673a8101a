/** For a comment on a pull request. */
import { countsOf, remediesOf, type ToldRemedy } from '../findings/index.ts'
import type { Finding, OutdatedPackage, ScanReport } from '../model.ts'
import { linkOf, plain } from './plain.ts'
import { fixOf, many, number, orderOf, verdictOf, wayOf } from './words.ts'

/** What is listed; GitHub takes comments of 65,536 characters. */
const mostRows = 60
const mostRemedies = 25

/** A report in GitHub's Markdown, of some 50,000 characters at most. */
export function markdown(report: ScanReport): string {
  const { findings, outdated, notes, problems, status } = report
  const counted = findings.filter(({ ignored }) => ignored === undefined)
  const parts = [
    '### Vulnerability scan',
    `**${text(verdictOf(report, countsOf(findings)))}**`,
    status === 'complete' ? '' : warning(problems),
    counted.length === 0 ? '' : findingRows(counted),
    remedyList(remediesOf(findings)),
    ignoredRows(findings.filter(({ ignored }) => ignored !== undefined)),
    outdated.length === 0
      ? ''
      : folded(
          many(outdated.length, 'outdated dependency', 'outdated dependencies'),
          outdatedRows(outdated),
        ),
    notes
      .slice(0, 20)
      .map((note) => `- ${text(note)}`)
      .join('\n'),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const warning = (problems: readonly string[]): string =>
  ['> [!WARNING]', ...problems.slice(0, 20).map((problem) => `> - ${text(problem)}`)].join('\n')

function findingRows(findings: readonly Finding[]): string {
  const rows = findings.slice(0, mostRows).map((finding) => {
    const { package: found, advisory, development } = finding
    const way = wayOf(finding)
    return row([
      advisory.severity === 'unknown' ? 'not rated' : advisory.severity,
      code(`${found.name} ${found.version}`),
      `${linked(advisory)}<br>${text(advisory.title, 150)}`,
      text(fixOf(finding)),
      `${development ? 'development: ' : ''}${way === undefined ? '' : code(way)}`,
    ])
  })
  const left = findings.length - rows.length
  return [
    ...table(['Severity', 'Package', 'Advisory', 'Fix', 'Reached by'], rows),
    ...(left > 0 ? ['', `and ${many(left, 'more finding')}`] : []),
  ].join('\n')
}

function remedyList(told: readonly ToldRemedy[]): string {
  if (told.length === 0) return ''
  const items = told.slice(0, mostRemedies).map(({ remedy, mends }, nth) => {
    const ids = mends.slice(0, 6).map(({ advisory }) => linked(advisory))
    const rest = mends.length > ids.length ? `, ${number(mends.length - ids.length)} more` : ''
    const json = remedy.write && JSON.stringify(remedy.write, undefined, 2)
    return [
      `${nth + 1}. ${text(orderOf(remedy), 500)}. Mends ${ids.join(', ')}${rest}`,
      ...(json === undefined ? [] : fenced('json', json.split('\n'))),
      ...(remedy.commands.length === 0 ? [] : fenced('sh', remedy.commands)),
    ].join('\n')
  })
  const left = told.length - items.length
  return [
    '#### What to do',
    ...items,
    ...(left > 0 ? [`and ${many(left, 'more remedy', 'more remedies')}`] : []),
  ].join('\n\n')
}

function ignoredRows(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  const rows = findings
    .slice(0, mostRows)
    .map(({ package: found, advisory, ignored }) =>
      row([
        advisory.severity,
        code(`${found.name} ${found.version}`),
        linked(advisory),
        text(ignored?.reason ?? '', 200),
        text(ignored?.expires ?? ''),
      ]),
    )
  const lines = table(['Severity', 'Package', 'Advisory', 'Reason', 'Until'], rows)
  return folded(many(findings.length, 'ignored finding'), lines.join('\n'))
}

function outdatedRows(outdated: readonly OutdatedPackage[]): string {
  const rows = outdated
    .slice(0, mostRows)
    .map(({ name, version, wanted, latest, majorsBehind, deprecated }) =>
      row([
        code(name),
        ...[version, wanted, latest].map((one) => text(one, 40)),
        majorsBehind === 0 ? '' : many(majorsBehind, 'major'),
        deprecated === undefined ? '' : text(deprecated, 100),
      ]),
    )
  return table(['Package', 'Installed', 'Wanted', 'Latest', 'Behind', 'Deprecated'], rows).join(
    '\n',
  )
}

const table = (heads: readonly string[], rows: readonly string[]): readonly string[] => [
  row(heads),
  row(heads.map(() => '---')),
  ...rows,
]

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const folded = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`

/** Within a list item; a fence that a line of it could close is not used. */
const fenced = (language: string, lines: readonly string[]): readonly string[] => [
  `   \`\`\`${language}`,
  ...lines.map((line) => `   ${/^ */.exec(line)?.[0]}${plain(line, 1000).replaceAll('`', "'")}`),
  '   ```',
]

function linked({ id, url }: Finding['advisory']): string {
  const link = linkOf(url)
  return link === undefined ? text(id) : `[${text(id)}](${link})`
}

/** Words of others as words: no markup, no element, no mention of a person. */
const text = (words: string, limit = 300): string =>
  plain(words, limit)
    .replace(/[\\`*_{}[\]<>()#+!|~$&]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/@(?=\w)/g, '@&#8203;')

const code = (words: string): string =>
  `\`${plain(words, 200).replaceAll('`', "'").replaceAll('|', '\\|')}\``
