import { remediesOf } from '../findings/index.ts'
import type { Advisory, Finding, ScanReport, Severity } from '../model.ts'
import { linkOf, plain } from './plain.ts'
import { orderOf } from './words.ts'

const severities: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  low: 'low',
  unknown: 'unknown',
}

/** The vulnerabilities of a CycloneDX document: one of each advisory of a package, with all it affects. */
export function vulnerabilitiesOf(
  { findings }: ScanReport,
  refOf: (finding: Finding) => string,
): readonly { readonly 'bom-ref': string }[] {
  const groups = new Map<string, [Finding, ...Finding[]]>()
  for (const finding of findings) {
    const { package: found, advisory } = finding
    const key = [advisory.id, found.ecosystem, found.name].join('|')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  return [...groups].map(([key, group]) => vulnerability(plain(key), group, refOf))
}

function vulnerability(
  ref: string,
  group: readonly [Finding, ...Finding[]],
  refOf: (finding: Finding) => string,
) {
  const [{ advisory, ignored }] = group
  const { id, aliases, title, url } = advisory
  const link = linkOf(url)
  const orders = remediesOf(group).map(({ remedy }) =>
    [orderOf(remedy), ...remedy.commands].map((line) => plain(line, 1000)).join('\n'),
  )
  return {
    'bom-ref': ref,
    id: plain(id),
    source: sourceOf(id, advisory),
    references: aliases.map((alias) => ({ id: plain(alias), source: sourceOf(alias, advisory) })),
    ratings: [ratingOf(advisory)],
    ...(title !== '' && { description: plain(title, 1000) }),
    ...(orders.length > 0 && { recommendation: orders.join('\n\n') }),
    ...(link !== undefined && { advisories: [{ url: link }] }),
    ...(ignored !== undefined && {
      analysis: { response: ['will_not_fix'], detail: plain(ignored.reason, 2000) },
    }),
    affects: group.map((finding) => ({
      ref: refOf(finding),
      versions: [{ version: plain(finding.package.version), status: 'affected' }],
    })),
    properties: [
      { name: 'caly:ignored', value: String(ignored !== undefined) },
      { name: 'caly:development', value: String(group.every((one) => one.development)) },
    ],
  }
}

/** Who gave an id, by its looks; else who told of it. */
function sourceOf(id: string, { sources }: Advisory) {
  const safe = encodeURIComponent(id)
  if (/^GHSA-/i.test(id)) return { name: 'GitHub', url: `https://github.com/advisories/${safe}` }
  if (/^CVE-/i.test(id)) return { name: 'NVD', url: `https://nvd.nist.gov/vuln/detail/${safe}` }
  return { name: plain(sources[0] ?? 'unknown') }
}

function ratingOf({ severity, cvss }: Advisory) {
  const rated = { severity: severities[severity] }
  if (cvss === undefined) return rated
  const { vector, score } = cvss
  return { score, ...rated, method: methodOf(vector), vector: plain(vector) }
}

function methodOf(vector: string): string {
  const [, generation] = /^CVSS:(3\.0|3\.1|4\.0)\//.exec(vector) ?? []
  const methods: Readonly<Record<string, string>> = {
    '3.0': 'CVSSv3',
    '3.1': 'CVSSv31',
    '4.0': 'CVSSv4',
  }
  return methods[generation ?? ''] ?? 'CVSSv2'
}
