import { expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Edge, Project } from '../../src/scans/model.ts'
import {
  countListed,
  type Host,
  installedOn,
  knownPackages,
  parseProject,
  readProject,
  thisHost,
} from '../../src/scans/projects/index.ts'

const fixtures = join(import.meta.dir, 'fixtures/projects')
const read = (name: string) => readProject(join(fixtures, name))
const lines = async (name: string, file: string) =>
  (await readFile(join(fixtures, name, file), 'utf8')).split('\n').filter(Boolean)

/** The machine that the lists were recorded on. */
const recorder: Host = { os: 'linux', cpu: 'x64', libc: 'glibc' }

/** What kind a package is reached by: by development only, or not. */
function developmentOnly({ manifests, packages }: Project): string[] {
  const reached = new Set<string>()
  const next = manifests.flatMap(({ dependencies }) => dependencies)
  for (let edge = next.pop(); edge !== undefined; edge = next.pop()) {
    if (edge.to === undefined || edge.kind === 'development' || reached.has(edge.to)) continue
    reached.add(edge.to)
    next.push(...(packages.get(edge.to)?.dependencies ?? []))
  }
  return [...packages.keys()].filter((key) => !reached.has(key))
}

const edgesOf = (edges: readonly Edge[] = []) =>
  edges.map(({ name, range, kind, to }) => [name, range, kind, to ?? '-'].join(' '))

const npmProjects = [
  'nested-npm',
  'platforms-npm',
  'workspaces-npm',
  'workspaces-npm-v2',
  'aliases-npm',
  'odd-npm',
]

/** Places of workspaces: npm lists these, and here they are manifests. */
const workspacePlaces = new Set(['node_modules/@ws/a', 'node_modules/@ws/b'])

for (const name of npmProjects) {
  test(`${name} has the packages that npm lists of its lockfile, and after an install`, async () => {
    const project = await read(name)
    const all = await lines(name, 'npm-ls-lockfile.txt')
    const here = await lines(name, 'npm-ls.txt')
    const packages = (places: string[]) => places.filter((place) => !workspacePlaces.has(place))
    expect([...project.packages.keys()].sort()).toEqual(packages(all).sort())
    expect([...installedOn(project, recorder)].sort()).toEqual(packages(here).sort())
    expect(countListed(project, recorder)).toBe(here.length)
    expect(project.packages.size + project.manifests.length - 1).toBe(all.length)
  })

  test(`${name} has the edges that npm reads from its lockfile`, async () => {
    const { manifests, packages } = await read(name)
    const links = new Map([['node_modules/local', 'local']]).set('node_modules/folder', 'folder')
    const mine = [
      ...manifests.map(({ path, dependencies }) => ({ from: path || '.', dependencies })),
      ...[...packages].map(([key, { dependencies }]) => ({
        from: links.get(key) ?? key,
        dependencies,
      })),
    ].flatMap(({ from, dependencies }) => edgesOf(dependencies).map((edge) => `${from} ${edge}`))
    const theirs = (await lines(name, 'npm-edges.txt')).map((line) => {
      const [from, wanted, range, kind, to = '-'] = line.split('\t')
      return [from, wanted, range, kind, workspacePlaces.has(to) ? '-' : to].join(' ')
    })
    expect(mine.sort()).toEqual(theirs.sort())
  })
}

/** `bun pm ls --all` draws a tree: keys with what stands there. */
function readTree(drawing: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const path: string[] = []
  for (const line of drawing) {
    const [, indent = '', name = '', version = ''] =
      /^([│ ]*)[├└]── (@?[^@]+)@(.*)$/.exec(line) ?? []
    path.splice(indent.length / 4, Number.POSITIVE_INFINITY, name)
    found.set(path.join('/'), version)
  }
  return found
}

function expectSame(project: Project, keys: Iterable<string>, tree: ReadonlyMap<string, string>) {
  const packages = [...tree].filter(([, version]) => !version.startsWith('workspace:'))
  expect([...keys].sort()).toEqual(packages.map(([key]) => key).sort())
  for (const [key, version] of packages) {
    const known = project.packages.get(key)?.version
    if (known !== '') expect(`${key}@${known}`).toBe(`${key}@${version}`)
  }
}

const bunProjects = [
  'nested-bun',
  'platforms-bun',
  'workspaces-bun',
  'workspaces-bun-v0',
  'workspaces-bun-v1',
  'aliases-bun',
  'odd-bun',
  'catalogs-bun',
]

for (const name of bunProjects) {
  test(`${name} has the packages that Bun lists of its lockfile, and after an install`, async () => {
    const project = await read(name)
    const all = readTree(await lines(name, 'bun-pm-ls-lockfile.txt'))
    const here = readTree(await lines(name, 'bun-pm-ls.txt'))
    expectSame(project, project.packages.keys(), all)
    expectSame(project, installedOn(project, recorder), here)
    expect(countListed(project, recorder)).toBe(here.size)
    expect(project.packages.size + project.manifests.length - 1).toBe(all.size)
  })
}

test('as many packages of this repository are installed here as `bun pm ls --all` lists', async () => {
  const root = join(import.meta.dir, '../..')
  const bun = Bun.spawn(['bun', 'pm', 'ls', '--all'], { cwd: root, stdout: 'pipe' })
  const tree = readTree((await bun.stdout.text()).trimEnd().split('\n').slice(1))
  const project = await readProject(root)
  expectSame(project, installedOn(project, await thisHost()), tree)
  expect(project.gaps).toEqual([])
})

test('a version that only a nested key of bun.lock has is found, and by whom it is wanted', async () => {
  const { packages } = await read('nested-bun')
  expect(packages.get('debug')?.version).toBe('4.3.4')
  expect(packages.get('express/send/debug/ms') ?? packages.get('express/debug/ms')).toMatchObject({
    name: 'ms',
    version: '2.0.0',
  })
  expect(edgesOf(packages.get('express')?.dependencies)).toContain(
    'debug 2.6.9 production express/debug',
  )
})

for (const name of ['nested-npm', 'nested-bun']) {
  test(`${name} tells what only development needs`, async () => {
    const names = developmentOnly(await read(name)).map((key) => key.replace('node_modules/', ''))
    expect(names).toContain('esbuild')
    expect(names).toContain('@esbuild/darwin-arm64')
    expect(names).toContain('chalk')
    expect(names).not.toContain('debug')
    expect(names).not.toContain('fsevents')
  })
}

for (const name of ['aliases-npm', 'aliases-bun']) {
  test(`${name} calls an alias by the package's own name, and its edge by the alias`, async () => {
    const { manifests, packages } = await read(name)
    const edge = manifests[0]?.dependencies.find((each) => each.name === 'lodash-old')
    expect(edge).toMatchObject({ range: 'npm:lodash@4.17.15', kind: 'production' })
    expect(packages.get(edge?.to ?? '')).toMatchObject({ name: 'lodash', version: '4.17.15' })
    const scoped = manifests[0]?.dependencies.find((each) => each.name === '@my/ws')
    expect(packages.get(scoped?.to ?? '')).toMatchObject({ name: 'ws', version: '7.4.5' })
  })
}

for (const name of ['workspaces-npm', 'workspaces-bun', 'workspaces-bun-v0', 'workspaces-bun-v1']) {
  test(`${name} has its workspaces as manifests, and its local folder as a package`, async () => {
    const { manifests, packages } = await read(name)
    expect(manifests.map((manifest) => [manifest.name, manifest.path])).toEqual([
      ['workspaces', ''],
      ['@ws/a', 'packages/a'],
      ['@ws/b', 'packages/b'],
    ])
    const got = (edges: readonly Edge[] = []) =>
      edges.map(({ name: wanted, kind, to = '' }) => {
        const { version = 'own' } = packages.get(to) ?? {}
        return `${wanted} ${version} ${kind}`
      })
    expect(got(manifests[1]?.dependencies).sort()).toEqual([
      '@ws/b own production',
      'ms 2.0.0 production',
      'semver 6.3.0 development',
    ])
    expect(got(manifests[2]?.dependencies)).toContain('semver 7.5.0 peer')
    const local = manifests[0]?.dependencies.find((edge) => edge.name === 'local')
    expect(packages.get(local?.to ?? '')).toMatchObject({ name: 'local', version: '' })
    expect(got(packages.get(local?.to ?? '')?.dependencies)).toContain('minimist 0.0.8 production')
  })
}

test('a range of a catalog is the range that the catalog has, and an override is stronger', async () => {
  const { manifests, packages } = await read('catalogs-bun')
  expect(edgesOf(manifests[1]?.dependencies)).toEqual([
    'ms 2.1.2 production ms',
    'semver 7.5.4 production semver',
    'two workspace:* production -',
  ])
  expect(edgesOf(manifests[2]?.dependencies)).toEqual([
    'debug ^4.3.0 development debug',
    'one workspace:^ development -',
    'ms 2.0.0 production two/ms',
  ])
  expect(edgesOf(packages.get('semver')?.dependencies)).toEqual([
    'lru-cache 6.0.0 production lru-cache',
  ])
})

test('what has no version in a bun.lock is a gap; in a package-lock.json it has one', async () => {
  const bun = await read('odd-bun')
  expect(bun.gaps).toEqual([
    'From git or an archive, of which the lockfile has no version: gitdep, tardep.',
  ])
  expect(knownPackages(bun).map(({ name }) => name)).not.toContain('gitdep')
  const npm = await read('odd-npm')
  expect(npm.gaps).toEqual([])
  expect(knownPackages(npm)).toContainEqual({ ecosystem: 'npm', name: 'gitdep', version: '3.2.1' })
  expect(knownPackages(npm).map(({ name }) => name)).not.toContain('folder')
})

test('what is bundled and not in the lockfile is a gap, and nothing that is missing', async () => {
  const { gaps = [], missing } = await read('platforms-npm')
  expect(missing).toEqual([])
  expect(gaps).toHaveLength(1)
  expect(gaps[0]).toStartWith('Bundled with a package, but not in the lockfile: @emnapi/core of ')
})

test('a name in two groups is for what its package manager takes it for', async () => {
  const kind = ({ manifests }: Project, wanted: string) =>
    manifests[0]?.dependencies.find(({ name }) => name === wanted)?.kind
  expect(kind(await read('odd-npm'), 'both')).toBe('development')
  expect(kind(await read('odd-bun'), 'both')).toBe('production')
})

test('a package of which there are many places is asked about once', async () => {
  const project = await read('nested-npm')
  const ms = knownPackages(project).filter(({ name }) => name === 'ms')
  expect(ms.map(({ version }) => version).sort()).toEqual(['2.0.0', '2.1.2', '2.1.3'])
  const places = [...project.packages.values()].filter(({ name }) => name === 'ms')
  expect(places.length).toBeGreaterThan(3)
})

const many = Array.from({ length: 1000 }, (_, index) => `package-${index}`)

const largeLockfiles = {
  'bun.lock': () => {
    const rows = many.flatMap((name, index) => {
      const info = `{ "dependencies": { "${many[(index + 1) % 1000]}": "^1.0.0" } }`
      return [`"${name}": ["${name}@1.0.0", "", ${info}, "sha512-x"],\n\n`].concat(
        `"${name}/nested": ["nested@${index}.0.0", "", {}, "sha512-x"],\n\n`,
      )
    })
    return `{ "lockfileVersion": 1, "workspaces": { "": {} }, "packages": {\n${rows.join('')}} }`
  },
  'package-lock.json': () => {
    const entries = many.flatMap((name, index) => [
      [`node_modules/${name}`, { version: '1.0.0', dependencies: { nested: `^${index}.0.0` } }],
      [`node_modules/${name}/node_modules/nested`, { version: `${index}.0.0` }],
    ])
    return JSON.stringify({
      lockfileVersion: 3,
      packages: Object.fromEntries([['', {}], ...entries]),
    })
  },
}

for (const [file, write] of Object.entries(largeLockfiles)) {
  test(`a ${file} of 2,000 packages is read within a second`, () => {
    const text = write()
    const start = performance.now()
    expect(parseProject(text, file).packages.size).toBe(2000)
    expect(performance.now() - start).toBeLessThan(1000)
  })
}
