/** What a registry knows of packages, and which of a project's own are not the newest. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { httpClient } from '../../src/scans/http.ts'
import { metadataSource, outdatedPackages } from '../../src/scans/metadata/index.ts'
import { readPackument } from '../../src/scans/metadata/packument.ts'
import { specOf, taken } from '../../src/scans/metadata/wanted.ts'
import type { DependencyKind, InstalledPackage, Manifest, Project } from '../../src/scans/model.ts'
import { type StandIn, startRegistry } from '../support/registry/index.ts'

let registry: StandIn

beforeAll(async () => {
  registry = await startRegistry({
    packages: {
      left: {
        versions: {
          '1.0.0': { released: '2020-02-03T04:05:06.000Z' },
          '1.4.0': {},
          '1.5.0': { deprecated: 'has a hole;\u001b[31m use 2' },
          '2.0.0': { dependencies: { right: '^1.0.0' } },
          '3.1.0': {},
          '4.0.0-rc.1': {},
        },
      },
      '@scope/new': { versions: { '1.0.0': {} } },
      old: { versions: { '0.9.0': { deprecated: 'gone' } } },
      tagged: { versions: { '1.0.0': {}, '1.1.0': {}, '1.9.0': {} }, latest: '1.1.0' },
    },
  })
})
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})
afterAll(() => registry.close())

const source = (privateNames: readonly string[] = []) =>
  metadataSource({
    http: httpClient({ timeout: 300, pause: 5 }),
    registry: `${registry.url}/`,
    privateNames,
    signal: AbortSignal.timeout(20_000),
  })

/** A project whose manifests want these: each by name, range, and what is installed for it. */
function project(
  ...manifests: readonly (readonly [string, string, string?, string?])[][]
): Project {
  const packages = new Map<string, InstalledPackage>()
  return {
    format: 'package-lock.json',
    file: 'package-lock.json',
    packages,
    manifests: manifests.map(
      (wants, nth): Manifest => ({
        name: '',
        path: nth === 0 ? '' : `packages/${nth}`,
        dependencies: wants.map(([name, range, version, real = name]) => {
          const key = `${nth}/${name}`
          const installed = { ecosystem: 'npm', name: real, key, dependencies: [] }
          if (version !== undefined) packages.set(key, { ...installed, version })
          const kind: DependencyKind = 'production'
          return { name, range, kind, to: version === undefined ? undefined : key }
        }),
      }),
    ),
  }
}

test('All versions are told with what each of them wants, and what is said against it', async () => {
  const answer = await source().versionsOf('left')
  if (!answer.ok) throw new Error(answer.why)
  const { versions, latest, times } = answer.metadata
  expect([...versions.keys()]).toEqual(['1.0.0', '1.4.0', '1.5.0', '2.0.0', '3.1.0', '4.0.0-rc.1'])
  expect(versions.get('2.0.0')).toEqual({
    dependencies: { right: '^1.0.0' },
    deprecated: undefined,
  })
  expect(versions.get('1.5.0')?.deprecated).toBe('has a hole; [31m use 2')
  expect([latest, times]).toEqual(['3.1.0', undefined])
  expect(registry.requests.map(({ path, headers }) => [path, headers['accept']])).toEqual([
    ['/left', 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8'],
  ])
})

test('A package is asked about once, whoever asks and as often, and for its times once more', async () => {
  const metadata = source()
  await Promise.all([metadata.versionsOf('left'), metadata.versionsOf('left')])
  const [times] = await Promise.all([
    metadata.timesOf('@scope/new'),
    metadata.timesOf('@scope/new'),
  ])
  expect([...times.keys()]).toContain('1.0.0')
  expect((await metadata.versionsOf('@scope/new')).ok).toBe(true)
  expect(registry.requests.map(({ path }) => path)).toEqual([
    '/left',
    '/@scope%2Fnew',
    '/@scope%2Fnew',
  ])
})

test('Only what is outdated is asked for its age', async () => {
  const { outdated } = await outdatedPackages(
    project([
      ['left', '^1.0.0', '1.0.0'],
      ['@scope/new', '^1.0.0', '1.0.0'],
    ]),
    source(),
  )
  expect(outdated).toMatchObject([{ name: 'left', releasedAt: '2020-02-03T04:05:06.000Z' }])
  expect(registry.requests.map(({ path }) => path).sort()).toEqual([
    '/@scope%2Fnew',
    '/left',
    '/left',
  ])
})

test('A document of 60 MB is read, and once, where a mirror sends it in place of the short one', async () => {
  const versions = { '1.0.0': { readme: 'x'.repeat(60_000_000) }, '2.0.0': {} }
  let asked = 0
  const time = { '1.0.0': '2020-01-01T00:00:00Z' }
  const server = Bun.serve({
    port: 0,
    fetch() {
      asked += 1
      return Response.json({ versions, 'dist-tags': { latest: '2.0.0' }, time })
    },
  })
  try {
    const metadata = metadataSource({
      http: httpClient(),
      registry: server.url.href,
      signal: AbortSignal.timeout(20_000),
    })
    const answer = await metadata.versionsOf('large')
    expect((await metadata.timesOf('large')).get('1.0.0')).toBe('2020-01-01T00:00:00Z')
    expect(asked).toBe(1)
    expect(answer.ok && [...answer.metadata.versions.keys()]).toEqual(['1.0.0', '2.0.0'])
  } finally {
    await server.stop(true)
  }
})

test('What a version wants is all that it runs with: peers and optional ones, too', () => {
  const read = readPackument({
    versions: {
      '1.0.0': {
        dependencies: { a: '1' },
        optionalDependencies: { b: '2' },
        peerDependencies: { c: '3', a: '9' },
        devDependencies: { d: '4' },
      },
      '1.0.1': { deprecated: true },
      '1.0.2': 'nothing that can be read',
    },
    'dist-tags': { latest: '1.0.1', odd: 7 },
  })
  expect([...(read?.versions ?? [])]).toEqual([
    ['1.0.0', { dependencies: { a: '1', b: '2', c: '3' }, deprecated: undefined }],
    ['1.0.1', { dependencies: {}, deprecated: 'deprecated' }],
  ])
  expect([...(read?.tags ?? [])]).toEqual([['latest', '1.0.1']])
  for (const odd of [null, [], {}, { versions: [] }, { error: 'x' }])
    expect(readPackument(odd)?.versions.size ?? 0).toBe(0)
})

test('Private names, and names that no registry could have, are not asked about', async () => {
  const metadata = source(['@acme', 'secret'])
  const kinds = await Promise.all(
    ['@acme/a', 'secret', '../admin', 'a/b/c', 'left'].map(async (name) => {
      const answer = await metadata.versionsOf(name)
      return answer.ok ? 'known' : answer.kind
    }),
  )
  expect(kinds).toEqual(['private', 'private', 'unknown', 'unknown', 'known'])
  expect(registry.requests.map(({ path }) => path)).toEqual(['/left'])
})

test('Outdated ones are told with wanted, latest, majors behind, deprecation and release', async () => {
  const answer = await outdatedPackages(
    project([
      ['left', '^1.0.0', '1.0.0'],
      ['@scope/new', '^1.0.0', '1.0.0'],
      ['old', '*', '0.9.0'],
      ['aliased', 'npm:left@~1.5.0', '1.5.0', 'left'],
      ['tagged', '^1.0.0', '1.0.0'],
      ['missing', '^1.0.0'],
      ['local', 'file:../local', '1.0.0'],
      ['forked', 'github:some/fork', '1.0.0'],
    ]),
    source(),
  )
  expect(answer).toEqual({
    outdated: [
      {
        name: 'left',
        version: '1.0.0',
        wanted: '1.4.0',
        latest: '3.1.0',
        majorsBehind: 2,
        deprecated: undefined,
        releasedAt: '2020-02-03T04:05:06.000Z',
      },
      {
        name: 'left',
        version: '1.5.0',
        wanted: '1.5.0',
        latest: '3.1.0',
        majorsBehind: 2,
        deprecated: 'has a hole; [31m use 2',
        releasedAt: '2024-01-03T00:00:00.000Z',
      },
      {
        name: 'old',
        version: '0.9.0',
        wanted: '0.9.0',
        latest: '0.9.0',
        majorsBehind: 0,
        deprecated: 'gone',
        releasedAt: '2024-01-01T00:00:00.000Z',
      },
      {
        name: 'tagged',
        version: '1.0.0',
        wanted: '1.1.0',
        latest: '1.1.0',
        majorsBehind: 0,
        deprecated: undefined,
        releasedAt: '2024-01-01T00:00:00.000Z',
      },
    ],
    problems: [],
    notes: [],
  })
  expect(new Set(registry.requests.map(({ path }) => path))).toEqual(
    new Set(['/left', '/@scope%2Fnew', '/old', '/tagged']),
  )
})

test('A version is told once for all workspaces, and one ahead of latest is not outdated', async () => {
  const { outdated } = await outdatedPackages(
    project(
      [['left', '^1.0.0', '1.4.0']],
      [['left', '~1.4.0', '1.4.0']],
      [['left', '*', '4.0.0-rc.1']],
    ),
    source(),
  )
  expect(outdated.map(({ version, wanted }) => [version, wanted])).toEqual([['1.4.0', '1.4.0']])
})

test('What the registry does not know is a note, and no failure; what is private is neither', async () => {
  const answer = await outdatedPackages(
    project([
      ['@acme/a', '^1.0.0', '1.0.0'],
      ['unheard-of', '^1.0.0', '1.0.0'],
    ]),
    source(['@acme']),
  )
  expect(answer).toEqual({
    outdated: [],
    problems: [],
    notes: ['The registry does not know unheard-of: name with --private what is yours.'],
  })
})

test('A registry that fails is one problem for all it failed for', async () => {
  registry.break({ kind: 'status', status: 503 }, { at: 'metadata' })
  const answer = await outdatedPackages(
    project([
      ['left', '^1.0.0', '1.0.0'],
      ['old', '^1.0.0', '0.9.0'],
    ]),
    source(),
  )
  expect(answer.outdated).toEqual([])
  expect(answer.problems).toEqual([
    `Newer versions of 2 dependencies are not known: ${new URL(registry.url).host} answered 503 (asked 3 times).`,
  ])
})

test('A registry that answers with something else is one problem, too', async () => {
  registry.break({ kind: 'array' }, { at: 'metadata' })
  const { problems } = await outdatedPackages(
    project([
      ['left', '^1.0.0', '1.0.0'],
      ['old', '^1.0.0', '0.9.0'],
    ]),
    source(),
  )
  expect(problems).toEqual([
    'Newer versions of 2 dependencies are not known: the registry answered with something else.',
  ])
})

test('Where the whole document cannot be read only its age is missing', async () => {
  const metadata = source()
  expect((await metadata.versionsOf('left')).ok).toBe(true)
  registry.break({ kind: 'html' }, { at: 'metadata' })
  const { outdated, problems } = await outdatedPackages(
    project([['left', '^1.0.0', '1.0.0']]),
    metadata,
  )
  expect(outdated).toMatchObject([{ latest: '3.1.0', releasedAt: undefined }])
  expect(problems).toEqual([])
})

test('A registry is asked for what stands behind a name, and not for folders, repositories, addresses', () => {
  const ranges = ['^1.0.0', '', 'latest', '>=1 <2 || 3', 'npm:left@^2', 'npm:@a/b', 'npm:@a/b@1.x']
  expect(ranges.map((range) => specOf('x', range))).toEqual([
    { name: 'x', range: '^1.0.0' },
    { name: 'x', range: '*' },
    { name: 'x', range: 'latest' },
    { name: 'x', range: '>=1 <2 || 3' },
    { name: 'left', range: '^2' },
    { name: '@a/b', range: '*' },
    { name: '@a/b', range: '1.x' },
  ])
  const others = [
    'file:../a',
    'link:a',
    'workspace:*',
    'github:a/b',
    'a/b',
    'https://a.test/b.tgz',
    'git+ssh://a/b',
    'catalog:',
  ]
  expect(others.map((range) => specOf('x', range))).toEqual(others.map(() => undefined))
})

test('npm takes latest where it may, else the highest that nobody speaks against, else the highest', async () => {
  const left = await source().versionsOf('left')
  const tagged = await source().versionsOf('tagged')
  if (!left.ok || !tagged.ok) throw new Error('There is no metadata')
  const of = (spec: string) => taken(left.metadata, spec)
  expect(['^1.0.0', '~1.5.0', '>=1', '*', 'latest', 'next', '^9', '4.0.0-rc.1'].map(of)).toEqual([
    '1.4.0',
    '1.5.0',
    '3.1.0',
    '3.1.0',
    '3.1.0',
    undefined,
    undefined,
    '4.0.0-rc.1',
  ])
  expect(taken(tagged.metadata, '^1.0.0')).toBe('1.1.0')
})
