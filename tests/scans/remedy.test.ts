/** The smallest change that removes a finding, on plain data. */
import { describe, expect, test } from 'bun:test'
import {
  findingsIn,
  graphOf,
  ignoring,
  known,
  type Releases,
  releasesOf,
  remediesOf,
} from '../../src/scans/findings/index.ts'
import type { Advisory, Finding, PackageId, Project, Remedy } from '../../src/scans/model.ts'
import { madeUpAdvisory, madeUpProject } from './made-up.ts'

type Ranges = Readonly<Record<string, string>>
type Market = Readonly<Record<string, Readonly<Record<string, Ranges>>>>

/** A registry's knowledge, by name, version and what that wants; each `latest` is the last one. */
function market(made: Market, deprecated: readonly string[] = []) {
  const asked: string[] = []
  const all = new Map<string, Releases>(
    Object.entries(made).map(([name, versions]) => [
      name,
      releasesOf({
        latest: Object.keys(versions).at(-1),
        tags: new Map(),
        versions: new Map(
          Object.entries(versions).map(([version, dependencies]) => [
            version,
            {
              dependencies,
              deprecated: deprecated.includes(`${name}@${version}`) ? 'do not' : undefined,
            },
          ]),
        ),
      }),
    ]),
  )
  return {
    asked,
    releasesOf: async (name: string) => {
      asked.push(name)
      return all.get(name)
    },
  }
}

interface Known {
  /** What is known of versions that are not installed. */
  readonly later?: readonly Advisory[]
  readonly deprecated?: readonly string[]
}

async function found(
  project: Project,
  advisories: readonly Advisory[],
  made: Market,
  { later = [], deprecated = [] }: Known = {},
): Promise<{ findings: readonly Finding[]; asked: readonly string[]; checked: readonly string[] }> {
  const { asked, releasesOf: ask } = market(made, deprecated)
  const checked: string[] = []
  const findings = await findingsIn({
    project,
    graph: graphOf(project),
    known: known(advisories),
    ignoring: ignoring([], new Date()),
    releasesOf: ask,
    ask: async (packages: readonly PackageId[]) => {
      checked.push(...packages.map(({ name, version }) => `${name}@${version}`))
      return later
    },
  })
  return { findings, asked, checked }
}

async function remedy(...args: Parameters<typeof found>): Promise<Remedy | undefined> {
  const { findings } = await found(...args)
  expect(findings).toHaveLength(1)
  return findings[0]?.remedy
}

const bad = madeUpAdvisory('x', 'GHSA-x', { fixed: '1.2.0' })
const xs = { '1.0.0': {}, '1.1.0': {}, '1.2.0': {}, '1.3.0': {}, '2.0.0': {} }

describe('an update', () => {
  test('is enough where the ranges allow a fixed version, and goes where npm goes', async () => {
    const project = madeUpProject({ production: { x: '^1.0.0' }, packages: { 'x@1.0.0': {} } })
    expect(await remedy(project, [bad], { x: xs })).toEqual({
      kind: 'update',
      package: 'x',
      version: '1.3.0',
      breaking: false,
      write: undefined,
      commands: ['npm update x'],
      leaves: [],
    })
  })

  test('is enough for what is wanted by another package, and is told in the words of Bun', async () => {
    const project = madeUpProject({
      format: 'bun.lock',
      production: { a: '1.0.0' },
      packages: { 'a@1.0.0': { x: '^1.0.0' }, 'x@1.1.0': {} },
    })
    const found = await remedy(project, [bad], { x: xs })
    expect(found).toMatchObject({ kind: 'update', version: '1.3.0', commands: ['bun update x'] })
  })

  test('in workspaces of Bun is told to all of them', async () => {
    const project = madeUpProject({
      format: 'bun.lock',
      workspaces: { 'packages/a': { production: { x: '^1.0.0' } } },
      packages: { 'x@1.1.0': {} },
    })
    const found = await remedy(project, [bad], { x: xs })
    expect(found?.commands).toEqual(['bun update --recursive x'])
  })

  test('is not enough where what npm would take is affected again', async () => {
    const again = madeUpAdvisory('x', 'GHSA-x', {
      ranges: [
        { introduced: '0', fixed: '1.2.0' },
        { introduced: '1.3.0', fixed: '1.9.0' },
      ],
    })
    const project = madeUpProject({ production: { x: '^1.0.0' }, packages: { 'x@1.0.0': {} } })
    const found = await remedy(project, [again], { x: xs })
    expect(found).toMatchObject({ kind: 'direct', version: '1.2.0', breaking: false })
  })

  test('is told without a registry, from what the advisory says', async () => {
    const project = madeUpProject({ production: { x: '^1.0.0' }, packages: { 'x@1.0.0': {} } })
    const found = await remedy(project, [bad], {})
    expect(found).toMatchObject({ kind: 'update', version: '1.2.0', commands: ['npm update x'] })
  })
})

describe('another range', () => {
  test('is a minor step before a major one, pinned where it was pinned', async () => {
    const project = madeUpProject({ production: { x: '1.0.0' }, packages: { 'x@1.0.0': {} } })
    expect(await remedy(project, [bad], { x: xs })).toMatchObject({
      kind: 'direct',
      version: '1.2.0',
      breaking: false,
      commands: ['npm install --save-exact x@1.2.0'],
    })
  })

  test('is a major step where there is no other one, and says so', async () => {
    const late = madeUpAdvisory('x', 'GHSA-x', { fixed: '2.0.0' })
    const project = madeUpProject({ production: { x: '^1.0.0' }, packages: { 'x@1.0.0': {} } })
    expect(await remedy(project, [late], { x: xs })).toMatchObject({
      kind: 'direct',
      version: '2.0.0',
      breaking: true,
      commands: ['npm install x@2.0.0'],
    })
  })

  test('of a 0.x breaks with its minor version', async () => {
    const late = madeUpAdvisory('x', 'GHSA-x', { fixed: '0.3.0' })
    const project = madeUpProject({ production: { x: '^0.2.0' }, packages: { 'x@0.2.1': {} } })
    const found = await remedy(project, [late], { x: { '0.2.1': {}, '0.3.0': {} } })
    expect(found).toMatchObject({ kind: 'direct', version: '0.3.0', breaking: true })
  })

  test('keeps what the dependency is for, and where', async () => {
    const project = (format: Project['format']) =>
      madeUpProject({
        format,
        workspaces: { 'packages/a': { development: { x: '~1.0.0' } } },
        packages: { 'x@1.0.0': {} },
      })
    const npm = await remedy(project('package-lock.json'), [bad], { x: xs })
    expect(npm?.commands).toEqual(['npm install --workspace packages/a --save-dev x@1.2.0'])
    const bun = await remedy(project('bun.lock'), [bad], { x: xs })
    expect(bun?.commands).toEqual(['bun add --cwd packages/a --dev "x@^1.2.0"'])
  })

  test('keeps an alias', async () => {
    const project = madeUpProject({
      production: { other: 'npm:x@1.0.0' },
      packages: { 'x@1.0.0': {} },
    })
    const found = await remedy(project, [bad], { x: xs })
    expect(found?.commands).toEqual(['npm install --save-exact other@npm:x@1.2.0'])
  })

  test('passes over pre-releases, and what its maintainers speak against', async () => {
    const project = madeUpProject({ production: { x: '1.0.0' }, packages: { 'x@1.0.0': {} } })
    const versions = { '1.0.0': {}, '1.2.0-rc.1': {}, '1.2.0': {}, '1.2.1': {} }
    const found = await remedy(project, [bad], { x: versions }, { deprecated: ['x@1.2.0'] })
    expect(found?.version).toBe('1.2.1')
  })
})

describe('a newer parent', () => {
  const project = madeUpProject({
    production: { a: '1.0.0' },
    packages: { 'a@1.0.0': { x: '1.0.0' }, 'x@1.0.0': {} },
  })

  test('is the lowest whose own dependencies lead to a fixed version', async () => {
    const as = {
      '1.0.0': { x: '1.0.0' },
      '1.0.1': { x: '1.1.0' },
      '1.1.0': { x: '^1.2.0' },
      '1.2.0': { x: '^1.3.0' },
    }
    expect(await remedy(project, [bad], { x: xs, a: as })).toEqual({
      kind: 'parent',
      package: 'a',
      version: '1.1.0',
      breaking: false,
      write: undefined,
      commands: ['npm install --save-exact a@1.1.0'],
      leaves: [],
    })
  })

  test('is one that wants the package no more, where the package has no fix', async () => {
    const never = madeUpAdvisory('x', 'GHSA-x', {})
    const as = { '1.0.0': { x: '1.0.0' }, '2.0.0': {} }
    const { findings } = await found(project, [never], { x: xs, a: as })
    expect(findings[0]?.fixedIn).toBeUndefined()
    expect(findings[0]?.remedy).toMatchObject({ kind: 'parent', version: '2.0.0', breaking: true })
  })

  test('is updated where the ranges allow it, with what it would keep', async () => {
    const wide = madeUpProject({
      production: { a: '^1.0.0' },
      packages: { 'a@1.0.0': { x: '1.0.0' }, 'x@1.0.0': {} },
    })
    const as = { '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '>=1.0.0 <2' } }
    expect(await remedy(wide, [bad], { x: xs, a: as })).toMatchObject({
      kind: 'parent',
      package: 'a',
      version: '1.1.0',
      commands: ['npm update a x'],
    })
  })

  test('is found several steps up', async () => {
    const deep = madeUpProject({
      production: { top: '1.0.0' },
      packages: {
        'top@1.0.0': { mid: '1.0.0' },
        'mid@1.0.0': { a: '1.0.0' },
        'a@1.0.0': { x: '1.0.0' },
        'x@1.0.0': {},
      },
    })
    const found = await remedy(deep, [bad], {
      x: xs,
      a: { '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '1.2.0' } },
      mid: { '1.0.0': { a: '1.0.0' }, '1.1.0': { a: '^1.1.0' } },
      top: { '1.0.0': { mid: '1.0.0' }, '1.5.0': { mid: '1.0.0' }, '2.0.0': { mid: '^1.0.0' } },
    })
    expect(found).toMatchObject({
      kind: 'parent',
      package: 'top',
      version: '2.0.0',
      breaking: true,
    })
  })

  test('is one for two ways to the package', async () => {
    const twice = madeUpProject({
      production: { a: '1.0.0' },
      packages: {
        'a@1.0.0': { b: '1.0.0', c: '1.0.0' },
        'b@1.0.0': { x: '1.0.0' },
        'c@1.0.0': { x: '1.0.0' },
        'x@1.0.0': {},
      },
    })
    const found = await remedy(twice, [bad], {
      x: xs,
      a: {
        '1.0.0': { b: '1.0.0', c: '1.0.0' },
        '1.1.0': { b: '1.1.0', c: '1.0.0' },
        '1.2.0': { b: '1.0.0', c: '1.1.0' },
        '1.3.0': { b: '1.1.0', c: '1.1.0' },
      },
      b: { '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '^1.2.0' } },
      c: { '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '^1.2.0' } },
    })
    expect(found).toMatchObject({ kind: 'parent', package: 'a', version: '1.3.0' })
    expect(found?.commands).toEqual(['npm install --save-exact a@1.3.0'])
  })

  test('is found in cycles, or not, in the end', async () => {
    const round = madeUpProject({
      production: { a: '1.0.0' },
      packages: {
        'a@1.0.0': { b: '1.0.0' },
        'b@1.0.0': { a: '1.0.0', x: '1.0.0' },
        'x@1.0.0': {},
      },
    })
    const same = { '1.0.0': { a: '1.0.0', x: '1.0.0' }, '1.1.0': { a: '1.0.0', x: '1.0.0' } }
    const found = await remedy(round, [bad], { x: xs, a: { '1.0.0': { b: '1.0.0' } }, b: same })
    expect(found?.kind).toBe('override')
  })
})

describe('an override', () => {
  const project = (format: Project['format'] = 'package-lock.json') =>
    madeUpProject({
      format,
      production: { a: '1.0.0' },
      packages: { 'a@1.0.0': { x: '1.0.0' }, 'x@1.0.0': {} },
    })
  const as = { '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '1.1.0' } }

  test('is what is left where nothing on the way allows a fixed version', async () => {
    expect(await remedy(project(), [bad], { x: xs, a: as })).toEqual({
      kind: 'override',
      package: 'x',
      version: '1.2.0',
      breaking: false,
      write: { overrides: { x: '1.2.0' } },
      commands: ['npm install'],
      leaves: [],
    })
    const found = await remedy(project('bun.lock'), [bad], { x: xs, a: as })
    expect(found?.commands).toEqual(['bun install'])
  })

  test('leaves other versions of the package alone', async () => {
    const two = madeUpProject({
      production: { a: '1.0.0', b: '1.0.0' },
      packages: {
        'a@1.0.0': { x: '1.0.0' },
        'b@1.0.0': { x: '^2.0.0' },
        'x@1.0.0': {},
        'x@2.0.0': {},
      },
    })
    const found = await remedy(two, [bad], { x: xs, a: as })
    expect(found?.write).toEqual({ overrides: { 'x@1.0.0': '1.2.0' } })
  })

  test('is narrowed to who wants it where the project wants the package itself', async () => {
    const own = madeUpProject({
      production: { a: '1.0.0', x: '1.0.0' },
      packages: { 'a@1.0.0': { x: '1.0.0' }, 'x@1.0.0': {} },
    })
    expect(await remedy(own, [bad], { x: xs, a: as })).toMatchObject({
      kind: 'override',
      write: { overrides: { a: { x: '1.2.0' } } },
      commands: ['npm install --save-exact x@1.2.0', 'npm install'],
    })
  })

  test('is what is left of an override that forces an affected version', async () => {
    const forced = madeUpProject({
      production: { a: '1.0.0' },
      packages: { 'a@1.0.0': { x: '^1.2.0' }, 'x@1.1.0': {} },
    })
    const found = await remedy(forced, [bad], { x: xs, a: { '1.0.0': { x: '^1.2.0' } } })
    expect(found).toMatchObject({ kind: 'override', write: { overrides: { x: '1.2.0' } } })
  })

  test('is what is left where the parent may not be asked about', async () => {
    const found = await remedy(project(), [bad], { x: xs })
    expect(found?.kind).toBe('override')
  })

  test('is none where there is no fix at all', async () => {
    expect(await remedy(project(), [madeUpAdvisory('x', 'GHSA-x', {})], { x: xs, a: as })).toBe(
      undefined,
    )
  })
})

describe('remedies', () => {
  const project = madeUpProject({ production: { x: '1.0.0' }, packages: { 'x@1.0.0': {} } })

  test('lead to what is not affected itself, as the sources say when asked about it', async () => {
    const { findings, checked } = await found(
      project,
      [bad],
      { x: xs },
      {
        later: [
          madeUpAdvisory('x', 'GHSA-later', { ranges: [{ introduced: '1.2.0', fixed: '1.3.0' }] }),
        ],
      },
    )
    expect(checked).toEqual(['x@1.2.0', 'x@1.3.0'])
    expect(findings[0]?.remedy).toMatchObject({ version: '1.3.0', leaves: [] })
  })

  test('tell what is known against the new version where there is none without', async () => {
    const { findings } = await found(
      project,
      [bad],
      { x: { '1.0.0': {}, '1.2.0': {} } },
      {
        later: [madeUpAdvisory('x', 'GHSA-later', { ranges: [{ introduced: '1.2.0' }] })],
      },
    )
    expect(findings[0]?.remedy).toMatchObject({ version: '1.2.0', leaves: ['GHSA-later'] })
  })

  test('that mend several findings are told once, and go as far as the last one needs', async () => {
    const more = madeUpAdvisory('x', 'GHSA-more', { fixed: '1.3.0' })
    const major = madeUpAdvisory('x', 'GHSA-major', { fixed: '2.0.0' })
    const { findings } = await found(project, [bad, more, major], { x: xs })
    const told = remediesOf(findings).map(({ remedy: { version }, mends }) => [
      version,
      mends.map(({ advisory }) => advisory.id),
    ])
    expect(told).toEqual([
      ['2.0.0', ['GHSA-major']],
      ['1.3.0', ['GHSA-more', 'GHSA-x']],
    ])
  })

  test('that mend a package and what it brings are told once', async () => {
    const both = madeUpProject({
      production: { a: '1.0.0' },
      packages: { 'a@1.0.0': { x: '1.0.0' }, 'x@1.0.0': {} },
    })
    const own = madeUpAdvisory('a', 'GHSA-a', { fixed: '1.0.1' })
    const as = { '1.0.0': { x: '1.0.0' }, '1.0.1': { x: '1.0.0' }, '1.1.0': { x: '1.2.0' } }
    const { findings } = await found(both, [bad, own], { x: xs, a: as })
    const told = remediesOf(findings)
    expect(told.map(({ remedy: one, mends }) => [one.kind, one.version, mends.length])).toEqual([
      ['direct', '1.1.0', 2],
    ])
  })

  test('of an SBOM are words only', async () => {
    const sbom = madeUpProject({
      format: 'CycloneDX',
      production: { a: '' },
      packages: { 'a@1.0.0': { x: '' }, 'x@1.0.0': {} },
    })
    const { findings } = await found(
      sbom,
      [bad, madeUpAdvisory('a', 'GHSA-a', { fixed: '1.1.0' })],
      {},
    )
    expect(
      findings.map(({ remedy: one }) => [one?.kind, one?.package, one?.version, one?.commands]),
    ).toEqual([
      ['direct', 'a', '1.1.0', []],
      ['override', 'x', '1.2.0', []],
    ])
  })

  test('make no command of what would be more than a word of a shell', async () => {
    for (const name of [
      'x; rm -rf ~',
      '$(id)',
      '-g',
      '--registry=http://evil',
      'a b',
      'x\u001b[2J',
    ]) {
      const evil = madeUpProject({
        production: { [name]: '1.0.0' },
        packages: { [`${name}@1.0.0`]: {} },
      })
      const advisory = madeUpAdvisory(name, 'GHSA-x', { fixed: '1.2.0' })
      const found = await remedy(evil, [advisory], { [name]: xs })
      expect(found).toMatchObject({ kind: 'direct', version: '1.2.0', commands: [] })
    }
    const path = madeUpProject({
      workspaces: { 'a;id': { production: { x: '1.0.0' } } },
      packages: { 'x@1.0.0': {} },
    })
    expect((await remedy(path, [bad], { x: xs }))?.commands).toEqual([])
  })

  test('are not fooled by names that objects have', async () => {
    const odd = madeUpProject({
      production: { valueOf: '1.0.0' },
      packages: { 'valueOf@1.0.0': { constructor: '1.0.0' }, 'constructor@1.0.0': {} },
    })
    const advisory = madeUpAdvisory('constructor', 'GHSA-x', { fixed: '1.2.0' })
    const found = await remedy(odd, [advisory], {
      constructor: xs,
      valueOf: { '1.0.0': { constructor: '1.0.0' }, '1.1.0': {} },
    })
    expect(found).toMatchObject({ kind: 'parent', package: 'valueOf', version: '1.1.0' })
  })

  test('are looked for in vain among 400 parents without asking about them all', async () => {
    const names = Array.from({ length: 400 }, (_, nth) => `p${nth}`)
    const wide = madeUpProject({
      production: Object.fromEntries(names.map((name) => [name, '1.0.0'])),
      packages: {
        ...Object.fromEntries(names.map((name) => [`${name}@1.0.0`, { x: '1.0.0' }])),
        'x@1.0.0': {},
      },
    })
    const parents = names.map((name) => [name, { '1.0.0': { x: '1.0.0' }, '1.1.0': {} }] as const)
    const { findings, asked } = await found(wide, [bad], { x: xs, ...Object.fromEntries(parents) })
    expect(findings[0]?.remedy?.kind).toBe('override')
    expect(new Set(asked).size).toBeLessThan(400)
  })
})
