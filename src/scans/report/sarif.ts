/** For code scanning: SARIF 2.1.0 (OASIS, errata 01). */
import { createHash } from 'node:crypto'
import { version } from '../../version.ts'
import { countsOf } from '../findings/index.ts'
import type { Advisory, Finding, ScanReport, Severity } from '../model.ts'
import { jsonText, linkOf, plain } from './plain.ts'
import { fixOf, idsOf, orderOf, verdictOf, wayOf } from './words.ts'

/** How a SARIF report is written. */
export interface SarifOptions {
  /** The folder that was scanned, from the root of the repository. @default the root itself */
  readonly folder?: string
}

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  moderate: 'warning',
  low: 'note',
  unknown: 'warning',
}

/** What GitHub takes for the severity where nobody has given a score: the middle of CVSS's bands. */
const scores: Readonly<Record<Severity, number>> = {
  critical: 9.5,
  high: 8,
  moderate: 5.5,
  low: 2,
  unknown: 5.5,
}

/**
 * A report as SARIF. A scan that is not complete is a result of its own, beside the failed invocation:
 * readers close what they find no more, and would show an empty run as clean.
 */
export function sarif(report: ScanReport, options: SarifOptions = {}): string {
  const { findings, status, problems, notes } = report
  const advisories = new Map(findings.map(({ advisory }) => [advisory.id, advisory]))
  const ids = [...advisories.keys()]
  const rules = [...advisories.values()].map(ruleOf)
  const file = fileOf(report, options)
  const results = findings.map((finding) =>
    resultOf(finding, ids.indexOf(finding.advisory.id), file),
  )
  const isWhole = status === 'complete'
  return jsonText({
    $schema:
      'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Caly',
            semanticVersion: version,
            rules: isWhole ? rules : [...rules, incompleteRule],
          },
        },
        invocations: [
          {
            executionSuccessful: isWhole,
            startTimeUtc: report.startedAt,
            endTimeUtc: report.finishedAt,
            toolExecutionNotifications: [
              ...problems.map((problem) => notification('error', problem)),
              ...notes.map((note) => notification('note', note)),
            ],
          },
        ],
        results: isWhole ? results : [...results, incompleteResult(report, rules.length, file)],
        columnKind: 'utf16CodeUnits',
        properties: { status, packages: report.packages, withheld: report.withheld },
      },
    ],
  })
}

const fileOf = ({ project }: ScanReport, { folder = '' }: SarifOptions): string =>
  [...folder.split(/[\\/]/), ...(project?.file ?? 'package.json').split(/[\\/]/)]
    .filter((part) => part !== '' && part !== '.')
    .map(encodeURIComponent)
    .join('/')

function ruleOf(advisory: Advisory) {
  const { id, aliases, title, severity, cvss } = advisory
  const link = linkOf(advisory.url)
  const words = message(title === '' ? id : title)
  return {
    id: plain(id),
    shortDescription: { text: words },
    fullDescription: { text: words },
    ...(link !== undefined && { helpUri: link }),
    help: { text: message([id, ...aliases, link ?? ''].filter((one) => one !== '').join(', ')) },
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ['security', 'vulnerability'],
      precision: 'very-high',
      'security-severity': (cvss?.score ?? scores[severity]).toFixed(1),
      ...(cvss !== undefined && { cvss: plain(cvss.vector) }),
    },
  }
}

function resultOf(finding: Finding, ruleIndex: number, file: string) {
  const { package: found, advisory, remedy, ignored, development } = finding
  const said = [
    `${found.name} ${found.version}: ${advisory.title}`,
    wayOf(finding),
    fixOf(finding),
    remedy && [orderOf(remedy), ...remedy.commands].join(': '),
  ].filter((part) => part !== undefined)
  return {
    ruleId: plain(advisory.id),
    ruleIndex,
    level: levels[advisory.severity],
    message: { text: message(`${said.join('. ')}.`) },
    locations: [location(file)],
    // All stand in one line of one file: what tells them apart is the package.
    partialFingerprints: { primaryLocationLineHash: fingerprint(finding) },
    ...(ignored !== undefined && {
      suppressions: [
        { kind: 'external', status: 'accepted', justification: plain(ignored.reason) },
      ],
    }),
    properties: {
      package: plain(found.name),
      version: plain(found.version),
      ids: idsOf(finding).map((id) => plain(id)),
      severity: advisory.severity,
      development,
    },
  }
}

const fingerprint = ({ package: { ecosystem, name, version: installed }, advisory }: Finding) =>
  `${createHash('sha256')
    .update([ecosystem, name, installed, advisory.id].join('\n'))
    .digest('hex')
    .slice(0, 16)}:1`

const incompleteId = 'caly-scan-incomplete'

const incompleteRule = {
  id: incompleteId,
  shortDescription: { text: 'The scan is not complete' },
  help: { text: 'Not all could be found out: what is missing here is not known to be clean.' },
  defaultConfiguration: { level: 'error' },
  properties: { tags: ['security'], 'security-severity': '8.0' },
}

const incompleteResult = (report: ScanReport, ruleIndex: number, file: string) => ({
  ruleId: incompleteId,
  ruleIndex,
  level: 'error',
  message: {
    text: message(
      [verdictOf(report, countsOf(report.findings)), ...report.problems].join('. '),
      2000,
    ),
  },
  locations: [location(file)],
  partialFingerprints: { primaryLocationLineHash: `${incompleteId}:1` },
})

const location = (uri: string) => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
})

const notification = (level: string, text: string) => ({
  level,
  message: { text: message(text, 1000) },
})

/** Plain text, in which brackets would be a link and braces a placeholder (SARIF §3.11). */
const message = (text: string, limit = 1000): string =>
  plain(text, limit)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&')
