/** Advisories of the npm registry, beside what npm's own audit makes of the same registry. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import semver from 'semver'
import {
  isAffected,
  isPrivate,
  mergeAdvisories,
  npmAdvisories,
  oddities,
  osvApi,
  withoutPrivate,
} from '../../src/scans/advisories/index.ts'
import { readBulk } from '../../src/scans/advisories/npm-answer.ts'
import { httpClient } from '../../src/scans/http.ts'
import type { PackageId } from '../../src/scans/model.ts'
import {
  type Fault,
  faultName,
  recordedAdvisories,
  type StandIn,
  startRegistry,
} from '../support/registry/index.ts'
import { nameAt, npmProject, packagesOf, type Tree } from '../support/registry/project.ts'

/** Affected and not, once and twice, on top and below, by releases and pre-releases. */
const tree: Tree = {
  'node_modules/express': { version: '5.0.0-beta.1', wants: { qs: '6.5.2', debug: '4.4.2' } },
  'node_modules/qs': { version: '6.11.0' },
  'node_modules/express/node_modules/qs': { version: '6.5.2' },
  'node_modules/debug': { version: '4.4.2' },
  'node_modules/lodash': { version: '4.17.20' },
  'node_modules/minimist': { version: '1.2.6' },
  'node_modules/mkdirp': { version: '0.5.1', wants: { minimist: '0.0.8' } },
  'node_modules/mkdirp/node_modules/minimist': { version: '0.0.8' },
  'node_modules/@babel/traverse': { version: '8.0.0-alpha.3' },
  'node_modules/next': { version: '13.4.20-canary.12', wants: { ws: '^8.0.0' } },
  'node_modules/ws': { version: '8.17.1' },
  'node_modules/ip': { version: '1.1.9' },
  'node_modules/request': { version: '2.88.2' },
  'node_modules/tar': { version: '6.1.2' },
  'node_modules/ua-parser-js': { version: '0.7.29' },
}
const wants = Object.fromEntries(
  Object.entries(tree)
    .filter(([place]) => place.lastIndexOf('node_modules/') === 0)
    .map(([place, { version }]) => [nameAt(place), version]),
)
const packages: readonly PackageId[] = Object.entries(tree).map(([place, { version }]) => ({
  ecosystem: 'npm',
  name: nameAt(place),
  version,
}))

let registry: StandIn

beforeAll(async () => {
  registry = await startRegistry({ records: recordedAdvisories(), packages: packagesOf(tree) })
})
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})
afterAll(() => registry.close())

const http = (some = {}) => httpClient({ timeout: 300, pause: 5, ...some })
const soon = () => AbortSignal.timeout(20_000)
const source = (privateNames: readonly string[] = []) =>
  npmAdvisories({ http: http(), registry: `${registry.url}/`, privateNames })

/** What is found, as `name@version id`. */
async function found(
  advisories: Awaited<ReturnType<ReturnType<typeof source>['ask']>>['advisories'],
) {
  const merged = mergeAdvisories(advisories)
  return packages
    .flatMap(({ name, version }) =>
      merged
        .filter((one) => one.package === name && isAffected(one, version))
        .map(({ id }) => `${name}@${version} ${id}`),
    )
    .sort()
}

test("npm's own audit finds in the same lockfile what Caly finds, by npm's registry and by OSV", async () => {
  const byNpm = await npmAudit(registry.url)
  expect(byNpm.length).toBeGreaterThan(10)
  const npm = await source().ask(packages, soon())
  const osv = await osvApi({ http: http(), api: registry.url }).ask(packages, soon())
  expect([...npm.problems, ...osv.problems]).toEqual([])
  expect(await found(npm.advisories)).toEqual(byNpm)
  // OSV's record of malware has its own id, and GitHub's as an alias.
  expect(await found(osv.advisories)).toEqual(byNpm)
  expect(await found([...npm.advisories, ...osv.advisories])).toEqual(byNpm)
}, 60_000)

test('An advisory has what npm says of it: ids, title, vector, severity, ranges, where to read on', async () => {
  const lodash = packages.filter(({ name }) => name === 'lodash')
  const { advisories } = await source().ask(lodash, soon())
  expect(advisories.find(({ id }) => id === 'GHSA-35jh-r3h4-6jhm')).toEqual({
    id: 'GHSA-35jh-r3h4-6jhm',
    aliases: [expect.stringMatching(/^NPM-\d+$/)],
    ecosystem: 'npm',
    package: 'lodash',
    title: 'Command Injection in lodash',
    url: 'https://github.com/advisories/GHSA-35jh-r3h4-6jhm',
    severity: 'high',
    cvss: { vector: 'CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H', score: 7.2 },
    ranges: [{ introduced: '0', fixed: '4.17.21' }],
    versions: [],
    withdrawn: undefined,
    sources: ['npm'],
  })
})

test('Each name is asked about once, with all its versions, in questions of five hundred names', async () => {
  const many = Array.from({ length: 1100 }, (_, nth) => `made-up-${nth}`)
  const asked = [...many, ...many].map(
    (name, nth): PackageId => ({
      ecosystem: 'npm',
      name,
      version: `1.0.${nth % 2}`,
    }),
  )
  const others = [{ ecosystem: 'PyPI', name: 'flask', version: '1.0' }]
  expect(await source().ask([...asked, ...others], soon())).toEqual({
    advisories: [],
    problems: [],
  })
  const bodies = registry.requests.map(({ body }): Record<string, string[]> => JSON.parse(body))
  expect(bodies.map((body) => Object.keys(body).length).sort()).toEqual([100, 500, 500])
  expect(bodies.flatMap(Object.keys).sort()).toEqual(many.toSorted())
  expect(registry.requests.every(({ path }) => path === '/-/npm/v1/security/advisories/bulk')).toBe(
    true,
  )
})

const faults: readonly Fault[] = [
  { kind: 'status', status: 410 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 401 },
  { kind: 'hang' },
  { kind: 'stall' },
  { kind: 'error' },
  { kind: 'array' },
  { kind: 'html' },
  { kind: 'bad-gzip' },
  { kind: 'truncated' },
  { kind: 'reset' },
  { kind: 'empty' },
  { kind: 'redirect', to: 'http://127.0.0.1:9/' },
]
for (const fault of faults)
  test(`A registry that answers by ${faultName(fault)} is a problem in one sentence, and no clean bill`, async () => {
    registry.break(fault)
    const { advisories, problems } = await source().ask(packages, soon())
    expect(advisories).toEqual([])
    expect(problems).toEqual([
      expect.stringMatching(/^npm's advisories for 13 packages are missing: .+\.$/),
    ])
  })

test('What was answered is kept where another question failed', async () => {
  const many = Array.from(
    { length: 600 },
    (_, nth): PackageId => ({
      ecosystem: 'npm',
      name: nth === 0 ? 'lodash' : `made-up-${nth}`,
      version: '4.17.20',
    }),
  )
  registry.break({ kind: 'status', status: 410 }, { times: 1 })
  const answer = await npmAdvisories({
    http: http({ concurrency: 1 }),
    registry: registry.url,
  }).ask(many.toReversed(), soon())
  expect(answer.advisories.length).toBe(2)
  expect(answer.problems).toEqual([
    `npm's advisories for 500 packages are missing: ${new URL(registry.url).host} answered 410.`,
  ])
})

const odd: readonly [string, unknown][] = [
  ['a list', []],
  ['null', null],
  ['a word', 'none'],
  ['an error of npm', { code: 'E503', message: 'down' }],
  ['a list of another kind of thing', { left: 'none' }],
  ['another package', { right: [] }],
]
for (const [what, value] of odd)
  test(`${what} is no answer`, () => {
    expect(readBulk(value, new Set(['left']))).toBeString()
  })

test('An empty answer is one, and so is a package that is called error', () => {
  expect(readBulk({}, new Set(['left']))).toEqual({ advisories: [], problems: [] })
  expect(readBulk({ error: [] }, new Set(['error']))).toEqual({ advisories: [], problems: [] })
})

test('An advisory that cannot be read is a problem, and the others are read', () => {
  const good = {
    id: 1,
    url: 'x',
    title: 'a\u001b[31mb\nc',
    severity: 'high',
    vulnerable_versions: '*',
  }
  const answer = readBulk(
    { left: [{ ...good, vulnerable_versions: 'none of them' }, 7, good] },
    new Set(['left']),
  )
  expect(answer).toMatchObject({
    advisories: [{ id: 'NPM-1', title: 'a [31mb c', url: undefined, severity: 'high' }],
    problems: [
      "An advisory of npm's about left cannot be read.",
      "An advisory of npm's about left cannot be read.",
    ],
  })
})

test('A package whose version or name is none of npm’s is told, and not asked about', async () => {
  const odd = [
    { ecosystem: 'npm', name: 'left', version: 'github:a/b#c' },
    { ecosystem: 'npm', name: '../../admin', version: '1.0.0' },
  ]
  expect((await source().ask(odd, soon())).problems).toEqual([])
  expect(oddities([...odd, { ecosystem: 'npm', name: 'left', version: '1.0.0' }])).toEqual([
    "Nobody can be asked about left@github:a/b#c, ../../admin@1.0.0: no name and version of npm's.",
  ])
  expect(registry.requests).toEqual([])
})

test('Private names are in no question, by name, by scope, in any case', async () => {
  const asked = ['@acme/a', '@ACME/b', '@acme-public/c', 'acme-secret', 'acme-secret-not', 'd'].map(
    (name): PackageId => ({ ecosystem: 'npm', name, version: '1.0.0' }),
  )
  const patterns = ['@acme', 'acme-secret']
  await source(patterns).ask(asked, soon())
  await osvApi({ http: http(), api: registry.url, privateNames: patterns }).ask(asked, soon())
  expect(registry.requests.length).toBe(2)
  for (const { body } of registry.requests) {
    for (const name of ['@acme/', '@ACME/', '"acme-secret"']) expect(body).not.toContain(name)
    for (const name of ['@acme-public/c', '"acme-secret-not"', '"d"']) expect(body).toContain(name)
  }
  expect(withoutPrivate(asked, patterns).map(({ name }) => name)).toEqual([
    '@acme-public/c',
    'acme-secret-not',
    'd',
  ])
  expect(
    ['@acme', '@acme/', '@acme/*', '@acme/a'].map((one) => isPrivate('@acme/a', [one])),
  ).toEqual([true, true, true, true])
})

/** What `npm audit` says of the tree, as `name@version id`. */
async function npmAudit(url: string): Promise<string[]> {
  const folder = await npmProject(wants, tree)
  const home = await mkdtemp(join(tmpdir(), 'caly-npm-home-'))
  const child = spawn('npm', ['audit', '--json', `--registry=${url}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: home, npm_config_cache: join(home, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const report: AuditReport = JSON.parse(await text(child.stdout))
  return Object.values(report.vulnerabilities)
    .flatMap(({ nodes, via }) =>
      nodes.flatMap((place) =>
        via.flatMap((one) => {
          if (typeof one === 'string' || one.name !== nameAt(place)) return []
          const { version = '' } = tree[place] ?? {}
          // A place is listed for any of its package's advisories: which ones is in their ranges.
          return semver.satisfies(version, one.range, { includePrerelease: true })
            ? [`${one.name}@${version} ${one.url.slice(one.url.lastIndexOf('/') + 1)}`]
            : []
        }),
      ),
    )
    .sort()
}

interface AuditReport {
  readonly vulnerabilities: Readonly<
    Record<
      string,
      {
        readonly nodes: readonly string[]
        readonly via: readonly (
          | string
          | { readonly name: string; readonly url: string; readonly range: string }
        )[]
      }
    >
  >
}
