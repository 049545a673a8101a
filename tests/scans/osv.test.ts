/** OSV's records, from its API and from files. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAffected, mergeAdvisories, osvApi, osvFiles } from '../../src/scans/advisories/index.ts'
import { httpClient } from '../../src/scans/http.ts'
import type { PackageId } from '../../src/scans/model.ts'
import {
  type Fault,
  faultName,
  recordedAdvisories,
  recordedFolder,
  type StandIn,
  type StandInRecord,
  startRegistry,
} from '../support/registry/index.ts'
import { type ZipEntry, zipOf } from '../support/registry/zip.ts'

const modified = '2024-01-01T00:00:00Z'
const events = [{ introduced: '1.0.0' }, { fixed: '2.0.0' }]
const record = (id: string, some: Partial<StandInRecord> = {}): StandInRecord => ({
  id,
  modified,
  affected: [{ package: { ecosystem: 'npm', name: 'left' }, ranges: [{ type: 'SEMVER', events }] }],
  ...some,
})
const flask = { ecosystem: 'PyPI', name: 'flask' }
const repo = { type: 'GIT', repo: 'https://example.test/left', events: [{ introduced: '0' }] }

/** Made up, for what no recorded one has. */
const madeUp: readonly StandInRecord[] = [
  record('GHSA-2222-2222-2222', { withdrawn: modified }),
  record('PYSEC-2024-1', {
    aliases: ['CVE-2024-77'],
    affected: [
      {
        package: flask,
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.3.post1' }] }],
        versions: ['2.2', '2.3rc1'],
      },
    ],
  }),
]

let registry: StandIn

beforeAll(async () => {
  registry = await startRegistry({ records: [...recordedAdvisories(), ...madeUp], pageSize: 2 })
})
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})
afterAll(() => registry.close())

const soon = () => AbortSignal.timeout(20_000)
const npm = (name: string, version: string): PackageId => ({ ecosystem: 'npm', name, version })
const api = (some = {}) =>
  osvApi({ http: httpClient({ timeout: 300, pause: 5, ...some }), api: `${registry.url}/` })
const ask = (...packages: PackageId[]) => api().ask(packages, soon())
const ids = (advisories: readonly { id: string }[]) => advisories.map(({ id }) => id).sort()

test('All pages of an answer are read, and each record once', async () => {
  const { advisories, problems } = await ask(
    npm('lodash', '4.17.0'),
    npm('lodash', '4.17.1'),
    npm('lodash', '4.17.1'),
    npm('lodash-es', '4.17.0'),
  )
  expect(problems).toEqual([])
  const four = [
    'GHSA-29mw-wpgm-hmr9',
    'GHSA-35jh-r3h4-6jhm',
    'GHSA-jf85-cpcp-j695',
    'GHSA-p6mc-m468-83gw',
  ]
  expect(ids(advisories)).toEqual(four.flatMap((id) => [id, id]))
  const paths = registry.requests.map(({ path }) => path)
  expect(paths.filter((path) => path === '/v1/querybatch').length).toBe(2)
  expect(paths.filter((path) => path.startsWith('/v1/vulns/')).sort()).toEqual(
    four.map((id) => `/v1/vulns/${id}`),
  )
})

test('A thousand packages are asked about in one question, and the next ones in another', async () => {
  await api().ask(
    Array.from({ length: 1001 }, (_, nth) => npm(`made-up-${nth}`, '1.0.0')),
    soon(),
  )
  const sizes = registry.requests.map(({ body }) => JSON.parse(body).queries.length)
  expect(sizes.sort((a, b) => a - b)).toEqual([1, 1000])
})

test('An advisory has what the record says of it', async () => {
  const { advisories } = await ask(npm('@babel/traverse', '8.0.0-alpha.1'))
  expect(advisories).toEqual([
    {
      id: 'GHSA-67hx-6x53-jw92',
      aliases: ['CVE-2023-45133'],
      ecosystem: 'npm',
      package: '@babel/traverse',
      title:
        'Babel vulnerable to arbitrary code execution when compiling specifically crafted malicious code',
      url: 'https://github.com/advisories/GHSA-67hx-6x53-jw92',
      severity: 'critical',
      cvss: { vector: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', score: 9.3 },
      ranges: [
        { introduced: '0', fixed: '7.23.2' },
        { introduced: '8.0.0-alpha.0', fixed: '8.0.0-alpha.4' },
      ],
      versions: [],
      withdrawn: undefined,
      sources: ['OSV'],
    },
  ])
})

test('Without a vector the database’s word holds, and malware is critical', async () => {
  const { advisories } = await ask(npm('axios', '1.5.0'), npm('debug', '4.4.2'))
  const rated = advisories.map(({ id, severity, cvss }) => [id, severity, cvss])
  expect(rated).toEqual([
    ['GHSA-wf5p-g6vw-rhxx', 'moderate', undefined],
    ['MAL-2025-46974', 'critical', undefined],
  ])
})

test("Of another ecosystem's versions the API's word is taken", async () => {
  const { advisories, problems } = await ask({ ...flask, version: '2.3rc1' })
  expect(problems).toEqual([])
  expect(advisories).toMatchObject([
    { id: 'PYSEC-2024-1', ecosystem: 'PyPI', package: 'flask', ranges: [] },
  ])
  expect(advisories.map((one) => isAffected(one, '2.3rc1'))).toEqual([true])
})

const faults: readonly Fault[] = [
  { kind: 'status', status: 410 },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'error' },
  { kind: 'array' },
  { kind: 'html' },
  { kind: 'bad-gzip' },
  { kind: 'truncated' },
  { kind: 'redirect', to: 'http://127.0.0.1:9/' },
]
for (const fault of faults)
  test(`An API that answers questions by ${faultName(fault)} is a problem, and no clean bill`, async () => {
    registry.break(fault, { at: 'querybatch' })
    expect(await ask(npm('lodash', '4.17.0'), npm('left', '1.0.0'))).toEqual({
      advisories: [],
      problems: [expect.stringMatching(/^OSV's advisories for 2 packages are missing: .+\.$/)],
    })
  })

test('Gzip that does not say so is read', async () => {
  registry.break({ kind: 'bare-gzip' })
  expect((await ask(npm('request', '2.88.2'))).advisories.length).toBe(1)
})

test('A record that cannot be fetched is a problem, and a finding all the same', async () => {
  registry.break({ kind: 'status', status: 404 }, { at: 'vulns' })
  const { advisories, problems } = await ask(npm('request', '2.88.2'))
  expect(problems).toEqual([
    `1 record of OSV cannot be read: ${new URL(registry.url).host} answered 404.`,
  ])
  expect(advisories).toMatchObject([
    { id: 'GHSA-p8p7-x288-28g6', package: 'request', severity: 'unknown', versions: ['2.88.2'] },
  ])
})

test('A record with another id than was asked for is none', async () => {
  registry.break({ kind: 'error' }, { at: 'vulns' })
  expect((await ask(npm('request', '2.88.2'))).problems).toEqual([
    '1 record of OSV cannot be read: it is no record of that id.',
  ])
})

test('The recorded folder tells the same as the API does', async () => {
  const packages = [
    npm('lodash', '4.17.15'),
    npm('next', '13.4.20-canary.12'),
    npm('vite', '5.2.5'),
    npm('ws', '8.17.1'),
    npm('debug', '4.4.2'),
    npm('lodash.trim', '4.5.1'),
  ]
  const online = await ask(...packages)
  const offline = await osvFiles({ path: recordedFolder }).ask(packages, soon())
  expect([...online.problems, ...offline.problems]).toEqual([])
  const findings = (advisories: typeof online.advisories) =>
    packages.flatMap(({ name, version }) =>
      mergeAdvisories(advisories)
        .filter((one) => one.package === name && isAffected(one, version))
        .map(({ id }) => `${name} ${id}`)
        .sort(),
    )
  expect(findings(offline.advisories)).toEqual(findings(online.advisories))
  expect(findings(offline.advisories).length).toBe(9)
})

/** A folder with these files in it. */
async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-osv-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

const entry = (made: StandInRecord, some: Partial<ZipEntry> = {}): ZipEntry => ({
  name: `${made.id}.json`,
  text: JSON.stringify(made),
  ...some,
})
const askFiles = async (path: string, ...packages: PackageId[]) =>
  osvFiles({ path }).ask(packages, soon())
const askZip = async (entries: readonly ZipEntry[], ...packages: PackageId[]) =>
  askFiles(join(await folderOf({ 'all.zip': zipOf(entries) }), 'all.zip'), ...packages)

const left = npm('left', '1.5.0')

test('A zip is read, packed or not, and so is a folder with folders and zips in it', async () => {
  const two = [entry(record('GHSA-3333-3333-3333')), entry(record('CVE-2024-3'), { method: 0 })]
  expect(ids((await askZip(two, left)).advisories)).toEqual(['CVE-2024-3', 'GHSA-3333-3333-3333'])
  const folder = await folderOf({
    'npm/all.zip': zipOf(two),
    'github/2024/01/GHSA-4444-4444-4444.json': JSON.stringify(record('GHSA-4444-4444-4444')),
    'README.md': 'not a record',
  })
  const answer = await askFiles(folder, left)
  expect(answer.problems).toEqual([])
  expect(ids(answer.advisories)).toEqual([
    'CVE-2024-3',
    'GHSA-3333-3333-3333',
    'GHSA-4444-4444-4444',
  ])
})

test('A withdrawn record is kept as withdrawn, and is about no version', async () => {
  const gone = record('GHSA-5555-5555-5555', { withdrawn: modified })
  const { advisories } = await askZip([entry(gone)], left)
  expect(advisories.map(({ withdrawn }) => withdrawn)).toEqual([modified])
  expect(advisories.some((one) => isAffected(one, '1.5.0'))).toBe(false)
})

test("Another ecosystem's list of versions is looked at; its ranges alone are told as a problem", async () => {
  const ranges = [{ type: 'ECOSYSTEM', events }]
  const listed = record('PYSEC-2', { affected: [{ package: flask, ranges, versions: ['1.5'] }] })
  const open = record('PYSEC-3', { affected: [{ package: flask, ranges }] })
  const { advisories, problems } = await askZip([entry(listed), entry(open)], {
    ...flask,
    version: '1.5',
  })
  expect(advisories.map((one) => [one.id, isAffected(one, '1.5'), isAffected(one, '1.6')])).toEqual(
    [
      ['PYSEC-2', true, false],
      ['PYSEC-3', false, false],
    ],
  )
  expect(problems).toEqual(['Records about flask (PyPI) have ranges that could not be compared.'])
})

test('Semantic versions of another ecosystem are compared', async () => {
  const go = { ecosystem: 'Go', name: 'example.test/left' }
  const made = record('GO-2024-1', {
    affected: [{ package: go, ranges: [{ type: 'SEMVER', events }] }],
  })
  const { advisories, problems } = await askZip([entry(made)], { ...go, version: 'v1.5.0' })
  expect(problems).toEqual([])
  expect(advisories.map((one) => isAffected(one, 'v1.5.0'))).toEqual([true])
})

test('Of commits the list of versions is all there is; without one they are a problem', async () => {
  const of = { ecosystem: 'npm', name: 'left' }
  const listed = record('OSV-1', {
    affected: [{ package: of, ranges: [repo], versions: ['1.5.0'] }],
  })
  const bare = record('OSV-2', { affected: [{ package: of, ranges: [repo] }] })
  const elsewhere = record('OSV-3', { affected: [{ ranges: [repo] }] })
  const answer = await askZip(
    [listed, bare, elsewhere].map((one) => entry(one)),
    left,
  )
  expect(answer.advisories.map((one) => [one.id, isAffected(one, '1.5.0')])).toEqual([
    ['OSV-1', true],
    ['OSV-2', false],
  ])
  expect(answer.problems).toEqual([
    'Records about left (npm) have ranges that could not be compared.',
  ])
})

test('Lists that are null, and fields that nobody knows, are read over', async () => {
  const text = JSON.stringify({
    ...record('OSV-9'),
    aliases: null,
    severity: null,
    references: null,
    of_tomorrow: { a: 1 },
  })
  const { advisories, problems } = await askZip([{ name: 'OSV-9.json', text }], left)
  expect(problems).toEqual([])
  expect(ids(advisories)).toEqual(['OSV-9'])
})

test('What is no record is told by name, and the others are read', async () => {
  const folder = await folderOf({
    'a.json': '{"id": "GHSA-6666-6666-6666", "affected": 7}',
    'b.json': '{ half',
    'c.json': '[]',
    'd.json': '{"id": "../../etc/passwd"}',
    'e.json': JSON.stringify(record('GHSA-7777-7777-7777')),
  })
  const { advisories, problems } = await askFiles(folder, left)
  expect(ids(advisories)).toEqual(['GHSA-7777-7777-7777'])
  const names = ['a', 'b', 'c'].map((name) => join(folder, `${name}.json`)).join(', ')
  expect(problems).toEqual([`${names} and 1 more cannot be read as records of OSV.`])
})

test('Where nothing is about an ecosystem, nothing is said to be clean', async () => {
  const folder = await folderOf({ 'README.md': 'empty' })
  expect(await askFiles(folder, left)).toEqual({
    advisories: [],
    problems: [`${folder} has no record about npm at all.`],
  })
})

test('A folder that is not there, a zip that is none, and one cut short are problems', async () => {
  const zip = zipOf([entry(record('GHSA-8888-8888-8888'))])
  const folder = await folderOf({ 'none.zip': 'not a zip', 'half.zip': zip.subarray(0, 60) })
  for (const [name, what] of [
    ['nowhere', 'is not there, or not to be read'],
    ['none.zip', 'cannot be read as a zip'],
    ['half.zip', 'cannot be read as a zip'],
  ] as const) {
    const path = join(folder, name)
    const { advisories, problems } = await askFiles(path, left)
    expect(advisories).toEqual([])
    expect(problems[0]).toStartWith(`OSV's records were not all read: ${path} ${what}`)
  }
})

const good = entry(record('GHSA-9999-9999-9999'))
const padded = JSON.stringify({ ...record('OSV-5'), padding: 'x'.repeat(100_000) })
const hostile: readonly [string, ZipEntry, RegExp][] = [
  [
    'is larger than it says',
    { name: 'bomb.json', text: padded, claimed: 1000 },
    /cannot be read as a zip: an entry is larger than it says\.$/,
  ],
  [
    'says that it is larger than a record may be',
    { name: 'huge.json', text: '{}', claimed: 2 ** 30 },
    /has a file of more than 16777216 bytes: huge\.json\.$/,
  ],
  [
    'is smaller than it says',
    { name: 'small.json', text: '{}', claimed: 1000 },
    /an entry is smaller than it says\.$/,
  ],
  ['is encrypted', { ...good, encrypted: true }, /an entry is encrypted/],
  ['is packed in an unknown way', { ...good, method: 12 }, /packed in an unknown way\.$/],
  [
    'leads out of the folder',
    { ...good, name: '../../../outside.json' },
    /invalid relative path: \.\.\/\.\.\/\.\.\/outside\.json\.$/,
  ],
  ['leads to the root', { ...good, name: '/outside.json' }, /absolute path: \/outside\.json\.$/],
]
for (const [what, bad, problem] of hostile)
  test(`A zip with a file that ${what} is refused, and what came before it is told`, async () => {
    const folder = await folderOf({ 'all.zip': zipOf([good, bad, entry(record('OSV-6'))]) })
    const { advisories, problems } = await askFiles(join(folder, 'all.zip'), left)
    expect(ids(advisories)).toEqual(['GHSA-9999-9999-9999'])
    expect(problems).toEqual([expect.stringMatching(problem)])
    expect(await readdir(folder)).toEqual(['all.zip'])
  })

test('More than the limits is refused: in records, and in bytes of all together', async () => {
  const folder = await folderOf({ 'a.json': padded, 'b.json': padded, 'c.json': padded })
  const limited = async (limits: { record?: number; all?: number; records?: number }) => {
    const all = { record: 2 ** 20, all: 2 ** 30, records: 10, ...limits }
    return (await osvFiles({ path: folder, limits: all }).ask([left], soon())).problems.join()
  }
  expect(await limited({})).toBe('')
  expect(await limited({ records: 2 })).toContain('has more than 2 records')
  expect(await limited({ all: 250_000 })).toContain('has more than 250000 bytes')
  expect(await limited({ record: 50_000 })).toContain('has a file of more than 50000 bytes')
})

test('Another question about the same names reads no file again, and a failed one is no answer to the next', async () => {
  const folder = await folderOf({ 'a.json': JSON.stringify(record('OSV-7')) })
  const source = osvFiles({ path: folder })
  expect((await source.ask([left], soon())).advisories.length).toBe(1)
  await rm(folder, { recursive: true })
  const again = await source.ask([npm('left', '1.9.0')], soon())
  expect(again).toMatchObject({ advisories: [{ id: 'OSV-7' }], problems: [] })
  for (let nth = 0; nth < 2; nth++)
    expect((await source.ask([npm('right', '1.0.0')], soon())).problems.length).toBeGreaterThan(0)
})

test('Links in a folder are not followed', async () => {
  const outside = await folderOf({ 'GHSA-x.json': JSON.stringify(record('OSV-7')) })
  const folder = await folderOf({ 'GHSA-y.json': JSON.stringify(record('OSV-8')) })
  await symlink(outside, join(folder, 'linked'))
  await symlink(join(outside, 'GHSA-x.json'), join(folder, 'linked.json'))
  expect(ids((await askFiles(folder, left)).advisories)).toEqual(['OSV-8'])
})

test('A reading that takes too long ends, as a problem, and lets others have their turn meanwhile', async () => {
  const entries = Array.from({ length: 30_000 }, (_, nth) => entry(record(`OSV-${nth}`)))
  const path = join(await folderOf({ 'all.zip': zipOf(entries) }), 'all.zip')
  let turns = 0
  const others = setInterval(() => {
    turns += 1
  }, 1)
  const { problems } = await osvFiles({ path }).ask([left], AbortSignal.timeout(100))
  clearInterval(others)
  expect(problems).toEqual([`OSV's records were not all read: ${path} could not be read in time.`])
  expect(turns).toBeGreaterThan(1)
}, 30_000)
