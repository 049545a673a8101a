/** Scans of real files, by a stand-in on a real socket. */
import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScanReport } from '../../src/scans/model.ts'
import { render } from '../../src/scans/report/index.ts'
import { scan } from '../../src/scans/scan.ts'
import type { ScanProgress } from '../../src/scans/scan-options.ts'
import { type Fault, startRegistry } from '../support/registry/index.ts'
import { folderWith, npmLock, record, scanFiles } from './scan-house.ts'

setDefaultTimeout(30_000)

const registry = await startRegistry({
  records: [
    record('GHSA-2222-2222-2222', 'x', '1.2.0', { aliases: ['CVE-2026-0001'], rated: 'CRITICAL' }),
    record('GHSA-3333-3333-3333', 'y', '1.0.1', { rated: 'LOW' }),
    record('GHSA-4444-4444-4444', 'x', '9.0.0', { withdrawn: '2026-01-02T00:00:00Z' }),
    record('GHSA-5555-5555-5555', 'x', '1.3.0', {
      affected: [
        {
          package: { ecosystem: 'npm', name: 'x' },
          ranges: [{ type: 'SEMVER', events: [{ introduced: '1.2.0' }, { fixed: '1.3.0' }] }],
        },
      ],
    }),
  ],
  packages: {
    a: {
      versions: {
        '1.0.0': { dependencies: { x: '1.0.0' } },
        '1.1.0': { dependencies: { x: '^1.3.0' } },
      },
    },
    x: { versions: { '1.0.0': {}, '1.2.0': {}, '1.3.0': {}, '2.0.0': {} } },
    y: { versions: { '1.0.0': {}, '1.0.1': {} } },
  },
  // npm's registry has listed withdrawn ones for weeks.
  lagging: ['GHSA-4444-4444-4444'],
})
afterAll(() => registry.close())
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})

const lock = npmLock({
  dependencies: { a: '^1.0.0' },
  devDependencies: { y: '^1.0.0' },
  packages: {
    a: { version: '1.0.0', dependencies: { x: '1.0.0' } },
    x: { version: '1.0.0' },
    y: { version: '1.0.0' },
  },
})
const files = { 'package-lock.json': lock }

const told = ({ findings }: ScanReport) =>
  findings.map(({ package: { name, version }, advisory: { id } }) => `${name}@${version} ${id}`)

describe('a scan', () => {
  test('tells what is affected, by which way, what removes it, and what is outdated', async () => {
    const now = () => new Date('2026-06-01T00:00:00Z')
    const report = await scanFiles(files, registry.url, { now })
    expect(report).toMatchObject({
      status: 'complete',
      project: { format: 'package-lock.json', file: 'package-lock.json' },
      packages: 3,
      withheld: 0,
      problems: [],
      notes: [],
      startedAt: '2026-06-01T00:00:00.000Z',
    })
    expect(told(report)).toEqual(['x@1.0.0 GHSA-2222-2222-2222', 'y@1.0.0 GHSA-3333-3333-3333'])
    expect(report.findings[0]).toMatchObject({
      advisory: { severity: 'critical', sources: ['npm', 'OSV'] },
      paths: [['a@1.0.0', 'x@1.0.0']],
      development: false,
      fixedIn: '1.2.0',
      remedy: { kind: 'parent', package: 'a', version: '1.1.0', commands: ['npm update a'] },
    })
    expect(report.findings[0]?.advisory.aliases).toContain('CVE-2026-0001')
    expect(report.findings[1]).toMatchObject({ development: true, remedy: { kind: 'update' } })
    expect(report.outdated.map(({ name, latest }) => [name, latest])).toEqual([
      ['a', '1.1.0'],
      ['y', '1.0.1'],
    ])
  })

  test('of a bun.lock finds the affected version that is nested', async () => {
    const text = `{
      "lockfileVersion": 1,
      "workspaces": { "": { "name": "made-up", "dependencies": { "a": "^1.0.0", "x": "^2.0.0" } } },
      "packages": {
        "a": ["a@1.0.0", "", { "dependencies": { "x": "1.0.0" } }, ""],
        "x": ["x@2.0.0", "", {}, ""],
        "a/x": ["x@1.0.0", "", {}, ""],
      }
    }`
    const report = await scanFiles({ 'bun.lock': text }, registry.url)
    expect(report.status).toBe('complete')
    expect(told(report)).toEqual(['x@1.0.0 GHSA-2222-2222-2222'])
    expect(report.findings[0]?.remedy?.commands).toEqual(['bun update a'])
  })

  test('leaves out what was withdrawn, though npm lists it still', async () => {
    const report = await scanFiles(files, registry.url)
    expect(told(report).join()).not.toContain('GHSA-4444-4444-4444')
    // Who is not asked cannot tell: the finding stays.
    const without = await scanFiles(files, registry.url, { withdrawals: undefined })
    expect(told(without).join()).toContain('GHSA-4444-4444-4444')
  })

  test('suggests no version that is affected by something else', async () => {
    const text = npmLock({ dependencies: { x: '1.0.0' }, packages: { x: { version: '1.0.0' } } })
    const report = await scanFiles({ 'package-lock.json': text }, registry.url)
    expect(report.findings[0]).toMatchObject({
      fixedIn: '1.2.0',
      remedy: { kind: 'direct', version: '1.3.0', leaves: [] },
    })
  })

  test('of an SBOM finds what it lists', async () => {
    const sbom = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'x', version: '1.0.0', purl: 'pkg:npm/x@1.0.0' }],
    }
    const folder = await folderWith({ 'sbom.json': JSON.stringify(sbom) })
    const signal = AbortSignal.timeout(20_000)
    const { usualSources } = await import('../../src/scans/sources.ts')
    const sources = usualSources({
      registry: new URL(registry.url),
      osv: new URL(registry.url),
      signal,
    })
    const report = await scan({ folder: join(folder.path, 'sbom.json'), ...sources, signal })
    await folder.remove()
    expect(report).toMatchObject({
      status: 'complete',
      project: { format: 'CycloneDX' },
      packages: 1,
    })
    expect(told(report)).toEqual(['x@1.0.0 GHSA-2222-2222-2222'])
    expect(report.findings[0]?.remedy).toMatchObject({ version: '1.2.0', commands: [] })
  })

  test('of an SBOM with nothing that anybody can be asked about is no clean bill', async () => {
    const component = {
      type: 'library',
      name: 'libc6',
      version: '2.36',
      purl: 'pkg:deb/libc6@2.36',
    }
    const sbom = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] }
    const folder = await folderWith({ 'sbom.json': JSON.stringify(sbom) })
    const report = await scan({
      folder: join(folder.path, 'sbom.json'),
      sources: [{ name: 'Silent', ask: async () => ({ advisories: [], problems: [] }) }],
      signal: AbortSignal.timeout(5000),
    })
    await folder.remove()
    expect(report.status).toBe('incomplete')
    expect(report.problems).toEqual(['Nobody can be asked about any of its packages.'])
    expect(report.notes).toEqual(['Of a kind that is not looked up (deb): libc6@2.36.'])
  })

  test('of production leaves out what only development gets to', async () => {
    const report = await scanFiles(files, registry.url, { production: true })
    expect(report.packages).toBe(2)
    expect(told(report)).toEqual(['x@1.0.0 GHSA-2222-2222-2222'])
    expect(report.outdated.map(({ name }) => name)).toEqual(['a'])
    expect(registry.requests.some(({ body, path }) => /"y"|\/y$/.test(body + path))).toBe(false)
  })

  test('without metadata asks for no versions, and still tells a way out', async () => {
    const report = await scanFiles(files, registry.url, { metadata: undefined })
    expect(report.status).toBe('complete')
    expect(report.outdated).toEqual([])
    expect(report.findings.map(({ remedy }) => remedy?.kind)).toEqual(['override', 'update'])
    expect(registry.requests.some(({ part }) => part === 'metadata')).toBe(false)
  })

  test('tells no private name to anybody, and how many it kept', async () => {
    const text = npmLock({
      dependencies: { '@acme/web': '^1.0.0' },
      packages: {
        '@acme/web': { version: '1.0.0', dependencies: { x: '1.0.0', 'acme-core': '1.0.0' } },
        'acme-core': { version: '1.0.0', dependencies: { x: '1.0.0' } },
        x: { version: '1.0.0' },
      },
    })
    const own = ['@acme', 'acme-core']
    const report = await scanFiles({ 'package-lock.json': text }, registry.url, { private: own })
    expect(report).toMatchObject({ status: 'complete', packages: 3, withheld: 2 })
    expect(report.findings[0]?.remedy?.kind).toBe('override')
    expect(registry.requests.length).toBeGreaterThan(2)
    for (const { path, body } of registry.requests) expect(path + body).not.toMatch(/acme/i)
  })

  test('asks no address of the lockfile, and no registry that the folder names', async () => {
    const elsewhere = await startRegistry()
    const text = npmLock({
      dependencies: { x: '^2.0.0' },
      packages: { x: { version: '2.0.0', resolved: `${elsewhere.url}/x/-/x-2.0.0.tgz` } },
    })
    const report = await scanFiles(
      { 'package-lock.json': text, '.npmrc': `registry=${elsewhere.url}/` },
      registry.url,
    )
    expect(report.status).toBe('complete')
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  test('tells how far it is', async () => {
    const steps: ScanProgress[] = []
    await scanFiles(files, registry.url, { onProgress: (progress) => steps.push(progress) })
    expect(steps[0]).toEqual({ step: 'project', done: 0, of: 1 })
    expect(steps).toContainEqual({ step: 'sources', done: 2, of: 2 })
    expect(steps.at(-1)).toEqual({ step: 'remedies', done: 2, of: 2 })
  })

  test('that is stopped is no report', async () => {
    registry.break({ kind: 'hang' })
    const stop = new AbortController()
    const scanned = scanFiles(files, registry.url, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped')), 100)
    await expect(scanned).rejects.toThrow('stopped')
  })
})

describe('a scan that cannot ask', () => {
  const faults: readonly Fault[] = [
    { kind: 'status', status: 410 },
    { kind: 'status', status: 503 },
    { kind: 'hang' },
    { kind: 'stall' },
    { kind: 'error' },
    { kind: 'array' },
    { kind: 'html' },
    { kind: 'bad-gzip' },
    { kind: 'empty' },
    { kind: 'truncated' },
    { kind: 'reset' },
    { kind: 'redirect', to: 'http://127.0.0.2:1/' },
  ]
  const name = (fault: Fault) => ('status' in fault ? `${fault.kind} ${fault.status}` : fault.kind)

  for (const fault of faults)
    test(`is incomplete and says why, and looks clean in no format: ${name(fault)}`, async () => {
      registry.break(fault)
      const report = await scanFiles(files, registry.url)
      expect(report.status).toBe('incomplete')
      expect(report.findings).toEqual([])
      expect(report.problems.some((problem) => problem.includes("npm's advisories"))).toBe(true)
      expect(report.problems.some((problem) => problem.includes("OSV's advisories"))).toBe(true)
      for (const format of ['table', 'markdown'] as const) {
        const text = render(report, format)
        expect(text).toContain('The scan is incomplete')
        expect(text).not.toContain('No known vulnerability')
      }
    })

  test('one source keeps what the other one found', async () => {
    for (const at of ['bulk', 'querybatch'] as const) {
      registry.break({ kind: 'status', status: 503 }, { at })
      const report = await scanFiles(files, registry.url)
      expect(report.status).toBe('incomplete')
      expect(report.problems).toHaveLength(1)
      expect(told(report)).toContain('x@1.0.0 GHSA-2222-2222-2222')
    }
  })

  test('of the lockfile itself is incomplete: what a package wants and does not get', async () => {
    const packages = { a: { version: '1.0.0', dependencies: { gone: '1.0.0' } } }
    const written = { 'package-lock.json': npmLock({ dependencies: { a: '*' }, packages }) }
    const report = await scanFiles(written, registry.url)
    expect(report).toMatchObject({ status: 'incomplete', notes: [] })
    expect(report.problems).toEqual([
      'Wanted by a package, but not in the lockfile; install again: gone of node_modules/a.',
    ])
  })

  test('of a version that is none is told once, and keeps nobody from being asked about remedies', async () => {
    const odd = { version: 'banana' }
    const packages = { a: { version: '1.0.0', dependencies: { x: '1.0.0' } }, x: odd, y: odd }
    const more = { ...packages, x: { version: '1.0.0' } }
    const dependencies = { a: '*', y: '*' }
    const written = { 'package-lock.json': npmLock({ dependencies, packages: more }) }
    const report = await scanFiles(written, registry.url)
    expect(report.problems).toEqual([
      "Nobody can be asked about y@banana: no name and version of npm's.",
    ])
    const asked = registry.requests.filter(({ path }) => path.endsWith('/bulk'))
    expect(asked.map(({ body }) => JSON.parse(body))).toContainEqual({ a: ['1.1.0'] })
  })

  test('for versions is incomplete, and keeps its findings', async () => {
    registry.break({ kind: 'status', status: 500 }, { at: 'metadata' })
    const report = await scanFiles(files, registry.url)
    expect(report.status).toBe('incomplete')
    expect(told(report)).toHaveLength(2)
    expect(report.problems.join(' ')).toContain('for remedies')
  })

  test('is incomplete where a source breaks its word, or where there is none', async () => {
    const broken = { name: 'Broken', ask: () => Promise.reject(new Error('inside')) }
    for (const sources of [[broken], []]) {
      const folder = await folderWith(files)
      const report = await scan({ folder: folder.path, sources, signal: AbortSignal.timeout(5000) })
      await folder.remove()
      expect(report.status).toBe('incomplete')
      expect(report.problems).toHaveLength(1)
    }
  })
})

describe('a scan fails, and asks nobody,', () => {
  const wrong: readonly (readonly [what: string, files: Record<string, string>, says: string])[] = [
    ['where there is no lockfile', {}, 'The folder has neither a bun.lock nor a package-lock.json'],
    [
      'where a lockfile is cut off',
      { 'package-lock.json': lock.slice(0, 200) },
      'package-lock.json',
    ],
    ['where a lockfile is empty', { 'bun.lock': '' }, 'bun.lock: is empty'],
    ['where a lockfile says nothing', { 'package-lock.json': '{}' }, 'package-lock.json'],
    [
      'where an ignore list is broken',
      { ...files, '.caly-scan.json': '{"ignore": [{}]}' },
      '.caly-scan.json: ignore[0]',
    ],
    [
      'where an ignore list is empty',
      { ...files, '.caly-scan.json': '' },
      '.caly-scan.json must be JSON',
    ],
  ]
  for (const [what, written, says] of wrong)
    test(what, async () => {
      const report = await scanFiles(written, registry.url)
      expect(report).toMatchObject({
        status: 'failed',
        project: undefined,
        packages: 0,
        findings: [],
      })
      expect(report.problems[0]).toContain(says)
      expect(registry.requests).toEqual([])
      expect(render(report, 'table')).toContain('The scan has failed')
    })

  test('and says all that is wrong at once', async () => {
    const report = await scanFiles({ 'bun.lock': '', '.caly-scan.json': '[]' }, registry.url)
    expect(report.problems).toHaveLength(2)
  })
})

describe('an ignore list', () => {
  const list = (...ignore: readonly object[]) => ({
    ...files,
    '.caly-scan.json': JSON.stringify({ ignore }),
  })

  test('covers an advisory by its CVE, which is known by its GHSA', async () => {
    const report = await scanFiles(list({ id: 'CVE-2026-0001', reason: 'why' }), registry.url)
    expect(report.status).toBe('complete')
    expect(report.findings.map(({ ignored }) => ignored?.reason)).toEqual(['why', undefined])
    expect(report.notes).toEqual([])
  })

  test('says what has expired and what matches nothing, but not where not all was asked', async () => {
    const entries = list(
      { id: 'CVE-2026-0001', reason: 'why', expires: '2020-01-01' },
      { id: 'GHSA-9999-9999-9999', reason: 'why' },
    )
    const report = await scanFiles(entries, registry.url)
    expect(report.findings[0]?.ignored).toBeUndefined()
    expect(report.notes).toEqual([
      '.caly-scan.json: ignore[0], CVE-2026-0001, expired on 2020-01-01: it counts again',
      '.caly-scan.json: ignore[1], GHSA-9999-9999-9999, matches nothing: it can be removed',
    ])
    registry.break({ kind: 'status', status: 503 })
    expect((await scanFiles(entries, registry.url)).notes).toEqual([])
  })

  test('beside a lockfile that is named itself holds as well', async () => {
    const folder = await folderWith(list({ id: 'CVE-2026-0001', reason: 'why' }))
    const sources = [{ name: 'made up', ask: async () => ({ advisories: [], problems: [] }) }]
    await writeFile(join(folder.path, '.caly-scan.json'), 'no JSON')
    const path = join(folder.path, 'package-lock.json')
    const report = await scan({ folder: path, sources, signal: AbortSignal.timeout(5000) })
    await folder.remove()
    expect(report.status).toBe('failed')
  })
})

/** GitHub's ids have neither 0 nor 1. */
const ghsa = (nth: number) =>
  `GHSA-2222-2222-${nth
    .toString(8)
    .padStart(4, '0')
    .replace(/./g, (digit) => String(Number(digit) + 2))}`

test('a lockfile of 2,000 packages with 60 affected ones is scanned in less than 5 s', async () => {
  const count = 2000
  const packages = Object.fromEntries(
    Array.from({ length: count }, (_, nth) => [
      `p${nth}`,
      {
        version: '1.0.0',
        dependencies: Object.fromEntries(
          [nth * 2 + 1, nth * 2 + 2, (nth * 7 + 3) % count]
            .filter((to) => to < count)
            .map((to) => [`p${to}`, '^1.0.0']),
        ),
      },
    ]),
  )
  const names = Array.from({ length: 60 }, (_, nth) => `p${nth * 33}`)
  const large = await startRegistry({
    records: names.map((name, nth) => record(ghsa(nth), name, '1.0.1')),
    packages: Object.fromEntries(
      Array.from({ length: count }, (_, nth) => [
        `p${nth}`,
        { versions: { '1.0.0': {}, '1.0.1': {}, '2.0.0': {} } },
      ]),
    ),
  })
  const dependencies = Object.fromEntries(
    Array.from({ length: 60 }, (_, nth) => [`p${nth}`, '^1.0.0']),
  )
  const text = npmLock({ dependencies, packages })
  const began = performance.now()
  const report = await scanFiles({ 'package-lock.json': text }, large.url)
  const took = performance.now() - began
  await large.close()
  expect(report).toMatchObject({ status: 'complete', packages: count })
  expect(report.findings).toHaveLength(60)
  expect(report.findings.every(({ remedy }) => remedy?.kind === 'update')).toBe(true)
  expect(took).toBeLessThan(5000)
})
