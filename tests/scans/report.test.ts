/** A scan's report in all of its formats: valid, complete, and harmless. */
import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import Ajv, { type ValidateFunction } from 'ajv'
import Ajv4 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { escapeText } from '../../src/log/index.ts'
import { findingsIn, graphOf, ignoring, known, releasesOf } from '../../src/scans/findings/index.ts'
import type { Finding, Project, ScanReport } from '../../src/scans/model.ts'
import { formats, render } from '../../src/scans/report/index.ts'
import { madeUpAdvisory, madeUpProject } from './made-up.ts'

const schema = async (name: string): Promise<object> =>
  JSON.parse(await readFile(new URL(`fixtures/schemas/${name}`, import.meta.url), 'utf8'))

async function sarifSchema(): Promise<ValidateFunction> {
  const ajv = new Ajv4({ allErrors: true, strict: false })
  addFormats(ajv)
  return ajv.compile(await schema('sarif-schema-2.1.0.json'))
}

async function cyclonedxSchema(): Promise<ValidateFunction> {
  const ajv = new Ajv({ allErrors: true, strict: false })
  addFormats(ajv)
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true)
  ajv.addSchema(await schema('spdx.schema.json'), 'http://cyclonedx.org/schema/spdx.schema.json')
  ajv.addSchema(
    await schema('jsf-0.82.schema.json'),
    'http://cyclonedx.org/schema/jsf-0.82.schema.json',
  )
  return ajv.compile(await schema('bom-1.6.schema.json'))
}

function expectValid(validate: ValidateFunction, text: string): void {
  validate(JSON.parse(text))
  expect(validate.errors ?? []).toEqual([])
}

const project = madeUpProject({
  production: { '@acme/web': '1.0.0', b: '1.0.0' },
  development: { t: '^1.0.0' },
  workspaces: { 'packages/one': { production: { x: '^1.0.0' } } },
  packages: {
    '@acme/web@1.0.0': { x: '1.0.0' },
    'b@1.0.0': { y: '1.0.0' },
    't@1.0.0': { y: '1.0.0' },
    'x@1.0.0': {},
    'y@1.0.0': {},
  },
})

const advisories = [
  madeUpAdvisory('x', 'GHSA-xvch-5gv4-984h', {
    fixed: '1.2.0',
    aliases: ['CVE-2021-44906'],
    severity: 'critical',
    cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 },
  }),
  madeUpAdvisory('x', 'CVE-2022-1', { fixed: '1.1.0', severity: 'moderate', url: undefined }),
  madeUpAdvisory('y', 'GHSA-y', { severity: 'high' }),
  madeUpAdvisory('t', 'MAL-2024-1', { severity: 'unknown', url: 'javascript:alert(1)' }),
  madeUpAdvisory('b', 'GHSA-b', { severity: 'low', fixed: '1.0.1' }),
]

const findingsOf = (of: Project, all = advisories): Promise<readonly Finding[]> =>
  findingsIn({
    project: of,
    graph: graphOf(of),
    known: known(all),
    ignoring: ignoring(
      [{ id: 'GHSA-b', reason: 'behind a | wall', expires: '2027-01-31' }],
      new Date('2026-06-01'),
    ),
    releasesOf: async () => undefined,
    ask: async () => [],
  })

const reportOf = (findings: readonly Finding[], more: Partial<ScanReport> = {}): ScanReport => ({
  status: 'complete',
  project: { format: 'package-lock.json', file: 'package-lock.json' },
  packages: 1204,
  withheld: 2,
  findings,
  outdated: [
    {
      name: 't',
      version: '1.0.0',
      wanted: '1.4.2',
      latest: '3.0.0',
      majorsBehind: 2,
      deprecated: 'use another one',
      releasedAt: '2020-01-01T00:00:00Z',
    },
  ],
  problems: [],
  notes: ['.caly-scan.json: ignore[1], CVE-2020-1, matches nothing: it can be removed'],
  startedAt: '2026-06-01T03:00:00.000Z',
  finishedAt: '2026-06-01T03:00:04.000Z',
  ...more,
})

const full = reportOf(await findingsOf(project))
const clean = reportOf([], { outdated: [], notes: [], withheld: 0 })
const incomplete = reportOf([], {
  status: 'incomplete',
  problems: ["npm's advisories for 1,204 packages are missing: registry.npmjs.org answered 503."],
})
const failed = reportOf([], {
  status: 'failed',
  project: undefined,
  packages: 0,
  problems: ['package-lock.json: is cut off at line 12'],
})

/** What a project and its advisories could say to do harm. */
const sequence = '\u001b[2J\u009b31m\u202e'
const evilName = `x${sequence}](http://evil)\`|<img src=x>@someone`
const evil = await (async () => {
  const one = madeUpProject({
    production: { [evilName]: '1.0.0' },
    packages: { [`${evilName}@1.0.0`]: {} },
  })
  const advisory = madeUpAdvisory(evilName, `GHSA-${sequence}`, {
    fixed: '1.2.0',
    title: `${sequence}\n| a | b |\n# Title [x](http://evil) <script> {0} @someone`,
    url: 'https://example.com/a b)c"d',
    aliases: [`CVE-${sequence}`],
  })
  const report = reportOf(await findingsOf(one, [advisory]), {
    problems: [`a problem ${sequence}`],
    notes: [`a note ${sequence}`],
    status: 'incomplete',
  })
  return { report, project: one }
})()

describe('a table', () => {
  test('tells each finding, how it is reached, what to do and how the scan went', () => {
    expect(
      render(full, 'table'),
    ).toBe(`CRITICAL  x 1.0.0 GHSA-xvch-5gv4-984h, CVE-2021-44906 CVSS 9.8
          Something bad in x
          x@1.0.0 (one of 2 ways)
          Fixed in 1.2.0

HIGH      y 1.0.0 GHSA-y
          Something bad in y
          b@1.0.0 > y@1.0.0 (one of 2 ways)
          No fixed version is known

MODERATE  x 1.0.0 CVE-2022-1
          Something bad in x
          x@1.0.0 (one of 2 ways)
          Fixed in 1.1.0

NOT RATED t 1.0.0 MAL-2024-1
          Something bad in t
          Development only: t@1.0.0
          No fixed version is known

IGNORED   b 1.0.0 GHSA-b
          Something bad in b
          b@1.0.0
          Fixed in 1.0.1
          Ignored until 2027-01-31: behind a | wall

What to do
1.  Override x with 1.2.0, as nothing on the way allows a fixed version. Mends x
    GHSA-xvch-5gv4-984h, x CVE-2022-1
    In package.json:
      "overrides": {
        "@acme/web": {
          "x": "1.2.0"
        }
      }
    npm install
    npm update x

Outdated                           installed      wanted         latest
t                                  1.0.0          1.4.2          3.0.0          2 majors deprecated

Worth knowing
- .caly-scan.json: ignore[1], CVE-2020-1, matches nothing: it can be removed

4 findings (1 critical, 1 high, 1 moderate, 1 not rated), 1 ignored in 1,204 packages of
package-lock.json (2 private, and not asked about)
`)
  })

  test('calls clean only what was seen to the end', () => {
    expect(render(clean, 'table')).toBe(
      'No known vulnerability in 1,204 packages of package-lock.json\n',
    )
    for (const report of [incomplete, failed]) {
      const text = render(report, 'table')
      expect(text).toContain(report.problems[0]?.slice(0, 40) ?? '')
      expect(text).not.toContain('No known')
    }
    expect(render(incomplete, 'table')).toContain('The scan is incomplete: 0 findings so far')
    expect(render(failed, 'table')).toContain('The scan has failed: nothing is known')
  })

  test('has colours only where it is told to', () => {
    expect(render(full, 'table')).not.toContain('\u001b')
    expect(render(full, 'table', { colours: true })).toContain('\u001b[1;31mCRITICAL \u001b[0m')
  })

  test('fits 100 columns, whatever the names', async () => {
    const long = madeUpProject({
      production: { [`@${'s'.repeat(100)}/${'n'.repeat(110)}`]: '1.0.0' },
      packages: Object.fromEntries([
        [`@${'s'.repeat(100)}/${'n'.repeat(110)}@1.0.0`, { a: '1.0.0', x: '1.0.0' }],
        ...Array.from({ length: 40 }, (_, nth) => [`a@1.0.0#${nth}`, { x: '*' }] as const),
        ['x@1.0.0', {}],
      ]),
    })
    const findings = await findingsOf(long, [
      madeUpAdvisory('x', 'GHSA-x', { fixed: '1.1.0', title: 'long '.repeat(100) }),
      madeUpAdvisory(`@${'s'.repeat(100)}/${'n'.repeat(110)}`, 'GHSA-n', { fixed: '1.1.0' }),
    ])
    const lines = render(reportOf(findings), 'table').split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('breaks a long command so that a shell reads one', async () => {
    const names = Array.from({ length: 30 }, (_, nth) => `dependency-number-${nth}`)
    const many = madeUpProject({
      production: Object.fromEntries(names.map((name) => [name, '1.0.0'])),
      packages: {
        ...Object.fromEntries(names.map((name) => [`${name}@1.0.0`, { x: '1' }])),
        'x@1.0.0': {},
      },
    })
    const newer = ['1.1.0', { dependencies: {}, deprecated: undefined }] as const
    const findings = await findingsIn({
      project: many,
      graph: graphOf(many),
      known: known([madeUpAdvisory('x', 'GHSA-x', {})]),
      ignoring: ignoring([], new Date()),
      releasesOf: async (name) => {
        const versions = new Map(name === 'x' ? [] : [newer])
        return releasesOf({ versions, latest: undefined, tags: new Map() })
      },
      ask: async () => [],
    })
    const lines = render(reportOf(findings), 'table').split('\n')
    const first = lines.findIndex((line) => line.startsWith('    npm install'))
    const command =
      lines
        .slice(first)
        .join('\n')
        .split(/[^\\]\n/)[0] ?? ''
    expect(
      command
        .replaceAll(/ \\\n +/g, ' ')
        .trim()
        .split(' '),
    ).toHaveLength(3 + names.length)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  })
})

describe('JSON', () => {
  test('has the shape that the documentation tells, with null for what is not known', () => {
    const read = JSON.parse(render(full, 'json'))
    expect(Object.keys(read)).toEqual([
      'shape',
      'status',
      'project',
      'packages',
      'withheld',
      'counts',
      'findings',
      'remedies',
      'outdated',
      'problems',
      'notes',
      'startedAt',
      'finishedAt',
    ])
    expect(read).toMatchObject({
      shape: 1,
      status: 'complete',
      counts: { critical: 1, high: 1, moderate: 1, low: 0, unknown: 1, ignored: 1 },
      remedies: [
        {
          kind: 'override',
          mends: [
            { package: { name: 'x', version: '1.0.0' }, id: 'GHSA-xvch-5gv4-984h' },
            { package: { name: 'x', version: '1.0.0' }, id: 'CVE-2022-1' },
          ],
        },
      ],
    })
    expect(read.findings[1]).toMatchObject({ fixedIn: null, remedy: null, ignored: null })
    expect(JSON.parse(render(failed, 'json'))).toMatchObject({ status: 'failed', project: null })
  })
})

describe('SARIF', () => {
  test('is valid, whatever became of the scan', async () => {
    const validate = await sarifSchema()
    for (const report of [full, clean, incomplete, failed, evil.report])
      expectValid(validate, render(report, 'sarif'))
  })

  test('has a rule for each advisory and a result for each finding, ignored ones suppressed', () => {
    const { runs } = JSON.parse(render(full, 'sarif', { folder: 'services/my api/' }))
    const [{ tool, results, invocations }] = runs
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toHaveLength(5)
    expect(invocations[0].executionSuccessful).toBe(true)
    expect(results[0]).toMatchObject({
      ruleId: 'GHSA-xvch-5gv4-984h',
      ruleIndex: 0,
      level: 'error',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'services/my%20api/package-lock.json' } } },
      ],
    })
    expect(tool.driver.rules[0].properties['security-severity']).toBe('9.8')
    const suppressed = results.filter((one: { suppressions?: unknown }) => one.suppressions)
    expect(suppressed).toHaveLength(1)
    expect(suppressed[0].suppressions[0].justification).toBe('behind a | wall')
    const prints = results.map((one: { partialFingerprints: object }) =>
      JSON.stringify(one.partialFingerprints),
    )
    expect(new Set(prints).size).toBe(5)
  })

  test('of a scan that is not complete has a result for just that: it never looks clean', () => {
    for (const report of [incomplete, failed]) {
      const [{ results, invocations, tool }] = JSON.parse(render(report, 'sarif')).runs
      expect(invocations[0].executionSuccessful).toBe(false)
      expect(invocations[0].toolExecutionNotifications[0].level).toBe('error')
      expect(results).toHaveLength(1)
      expect(tool.driver.rules[results[0].ruleIndex].id).toBe('caly-scan-incomplete')
      expect(results[0].message.text).toContain(report.problems[0] ?? '')
    }
  })
})

describe('CycloneDX', () => {
  test('is valid, whatever became of the scan', async () => {
    const validate = await cyclonedxSchema()
    expectValid(validate, render(full, 'cyclonedx', { project }))
    expectValid(validate, render(evil.report, 'cyclonedx', { project: evil.project }))
    for (const report of [full, clean, incomplete, failed])
      expectValid(validate, render(report, 'cyclonedx'))
  })

  test('lists all packages, what wants what, and each vulnerability with what it affects', () => {
    const read = JSON.parse(render(full, 'cyclonedx', { project }))
    expect(read.components.map((one: { purl?: string }) => one.purl)).toEqual([
      undefined,
      'pkg:npm/%40acme/web@1.0.0',
      'pkg:npm/b@1.0.0',
      'pkg:npm/t@1.0.0',
      'pkg:npm/x@1.0.0',
      'pkg:npm/y@1.0.0',
    ])
    expect(read.components[3]).toMatchObject({ name: 't', scope: 'excluded' })
    expect(read.dependencies).toContainEqual({
      ref: 'own:.',
      dependsOn: [
        'pkg:npm/%40acme/web@1.0.0',
        'pkg:npm/b@1.0.0',
        'pkg:npm/t@1.0.0',
        'own:packages/one',
      ],
    })
    expect(read.vulnerabilities[0]).toMatchObject({
      id: 'GHSA-xvch-5gv4-984h',
      references: [{ id: 'CVE-2021-44906' }],
      ratings: [{ severity: 'critical', score: 9.8, method: 'CVSSv31' }],
      affects: [{ ref: 'pkg:npm/x@1.0.0', versions: [{ version: '1.0.0', status: 'affected' }] }],
    })
    const ignored = read.vulnerabilities.find(({ id }: { id: string }) => id === 'GHSA-b')
    expect(ignored.analysis.detail).toBe('behind a | wall')
  })

  test('says of itself when the scan was not complete', () => {
    const read = JSON.parse(render(incomplete, 'cyclonedx'))
    expect(read.compositions[0].aggregate).toBe('incomplete')
    expect(read.metadata.properties[0]).toEqual({ name: 'caly:status', value: 'incomplete' })
  })
})

describe('Markdown', () => {
  test('tells findings, what to do, what is ignored and what is outdated', () => {
    const text = render(full, 'markdown')
    expect(text).toContain('**4 findings &#40;1 critical, 1 high')
    expect(text).toContain(
      '| critical | `x 1.0.0` | [GHSA-xvch-5gv4-984h](https://github.com/advisories/GHSA-xvch-5gv4-984h)<br>Something bad in x | Fixed in 1.2.0 | `x@1.0.0 (one of 2 ways)` |',
    )
    expect(text).toContain('   ```sh\n   npm install\n   npm update x\n   ```')
    expect(text).toContain('<summary>1 ignored finding</summary>')
    expect(text).toContain('<summary>1 outdated dependency</summary>')
  })

  test('warns where the scan is not complete', () => {
    for (const report of [incomplete, failed])
      expect(render(report, 'markdown')).toContain('> [!WARNING]')
  })

  test('has no markup, element or mention of what a lockfile or an advisory says', () => {
    const text = render(evil.report, 'markdown').replaceAll(/`[^`\n]*`/g, '')
    for (const harm of ['](http://evil)', '<img', '<script', '@someone', '\n# '])
      expect(text).not.toContain(harm)
  })

  test('stays below what a comment may have', async () => {
    const names = Array.from({ length: 500 }, (_, nth) => `package-${nth}`)
    const many = madeUpProject({
      production: Object.fromEntries(names.map((name) => [name, '1.0.0'])),
      packages: Object.fromEntries(names.map((name) => [`${name}@1.0.0`, {}])),
    })
    const advisories = names.map((name, nth) =>
      madeUpAdvisory(name, `GHSA-${nth}`, {
        fixed: '1.1.0',
        title: 'a very long title '.repeat(20),
      }),
    )
    const text = render(reportOf(await findingsOf(many, advisories)), 'markdown')
    expect(text.length).toBeLessThan(65_536)
    expect(text).toContain('more findings')
  })
})

describe('what a lockfile or an advisory says', () => {
  for (const format of formats)
    test(`reaches no terminal as a sequence that it obeys: ${format}`, () => {
      const text = render(evil.report, format, { project: evil.project })
      // Line breaks are the report's own.
      expect(escapeText(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
    })
})
