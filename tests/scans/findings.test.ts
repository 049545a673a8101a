/** What is found in a project, how it is reached and whether it counts, on plain data. */
import { describe, expect, test } from 'bun:test'
import {
  countedPaths,
  countsOf,
  type FindingsOptions,
  findingsIn,
  graphOf,
  ignoring,
  isAtOrAbove,
  known,
  listedPaths,
  pathsTo,
  productionOf,
} from '../../src/scans/findings/index.ts'
import type { Advisory, Finding, Project, ScanReport } from '../../src/scans/model.ts'
import { render } from '../../src/scans/report/index.ts'
import { madeUpAdvisory, madeUpProject } from './made-up.ts'

const emptyReport: ScanReport = {
  status: 'complete',
  project: undefined,
  ...{ packages: 0, withheld: 0, findings: [], outdated: [], problems: [], notes: [] },
  ...{ startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:00Z' },
}

const find = (
  project: Project,
  advisories: readonly Advisory[],
  options: Partial<FindingsOptions> = {},
): Promise<readonly Finding[]> =>
  findingsIn({
    project,
    graph: graphOf(project),
    known: known(advisories),
    ignoring: ignoring([], new Date()),
    releasesOf: async () => undefined,
    ask: async () => [],
    ...options,
  })

const pathsOf = (project: Project, name: string) => {
  const graph = graphOf(project)
  const numbers = graph.packages.flatMap((one, number) => (one.name === name ? [number] : []))
  return pathsTo(graph, numbers)
}

const nested = madeUpProject({
  production: { a: '^1.0.0', d: '^1.0.0' },
  development: { t: '^1.0.0' },
  packages: {
    'a@1.0.0': { b: '^1.0.0' },
    'b@1.0.0': { x: '^1.0.0' },
    'd@1.0.0': { x: '^1.0.0' },
    't@1.0.0': { y: '^1.0.0', x: '^2.0.0' },
    'x@1.0.0': {},
    'x@2.0.0': {},
    'y@1.0.0': {},
  },
})

describe('a match', () => {
  test('is made by name and version, of each version that is installed', async () => {
    const advisory = madeUpAdvisory('x', 'GHSA-1', { fixed: '1.5.0' })
    const found = await find(nested, [advisory])
    expect(found.map(({ package: { name, version } }) => `${name}@${version}`)).toEqual(['x@1.0.0'])
    expect(found[0]?.fixedIn).toBe('1.5.0')
  })

  test('is one for all places where the same version is installed', async () => {
    const project = madeUpProject({
      production: { a: '*', b: '*' },
      packages: { 'a@1.0.0': { x: '*' }, 'b@1.0.0': {}, 'x@1.0.0': {}, 'x@1.0.0#2': {} },
    })
    expect(await find(project, [madeUpAdvisory('x', 'GHSA-1', {})])).toHaveLength(1)
  })

  test('is none for a withdrawn advisory, another ecosystem or a name that only looks alike', async () => {
    const found = await find(nested, [
      madeUpAdvisory('x', 'GHSA-1', { withdrawn: '2024-01-01T00:00:00Z' }),
      madeUpAdvisory('x', 'GHSA-2', { ecosystem: 'PyPI' }),
      madeUpAdvisory('X', 'GHSA-3', {}),
    ])
    expect(found).toEqual([])
  })

  test('comes the worst first, in the same order whatever the order of the answers', async () => {
    const advisories = [
      madeUpAdvisory('y', 'GHSA-low', { severity: 'low' }),
      madeUpAdvisory('x', 'GHSA-b', { severity: 'high', cvss: { vector: 'v', score: 7.1 } }),
      madeUpAdvisory('x', 'GHSA-a', { severity: 'high', cvss: { vector: 'v', score: 8.1 } }),
      madeUpAdvisory('d', 'GHSA-unrated', { severity: 'unknown' }),
      madeUpAdvisory('d', 'GHSA-critical', { severity: 'critical' }),
    ]
    const order = (found: readonly Finding[]) =>
      found.map(({ package: { version }, advisory: { id } }) => `${id} ${version}`)
    const expected = [
      'GHSA-critical 1.0.0',
      'GHSA-a 1.0.0',
      'GHSA-a 2.0.0',
      'GHSA-b 1.0.0',
      'GHSA-b 2.0.0',
      'GHSA-low 1.0.0',
      'GHSA-unrated 1.0.0',
    ]
    expect(order(await find(nested, advisories))).toEqual(expected)
    expect(order(await find(nested, advisories.toReversed()))).toEqual(expected)
  })
})

describe('paths', () => {
  test('lead from the own dependencies to the package, the shortest first', () => {
    expect(pathsOf(nested, 'x')).toEqual({
      paths: [
        ['d@1.0.0', 'x@1.0.0'],
        ['t@1.0.0', 'x@2.0.0'],
        ['a@1.0.0', 'b@1.0.0', 'x@1.0.0'],
      ],
      pathCount: 3,
    })
  })

  test('of an own dependency have one step', () => {
    expect(pathsOf(nested, 'd').paths).toEqual([['d@1.0.0']])
  })

  test('are none for what nobody wants, which is not called development', async () => {
    const project = madeUpProject({ production: {}, packages: { 'x@1.0.0': {} } })
    const [finding] = await find(project, [madeUpAdvisory('x', 'GHSA-1', {})])
    expect(finding).toMatchObject({
      paths: [],
      pathCount: 0,
      development: false,
      remedy: undefined,
    })
  })

  test('end in cycles, and pass no package twice', () => {
    const project = madeUpProject({
      production: { a: '*' },
      packages: {
        'a@1.0.0': { b: '*', c: '*' },
        'b@1.0.0': { c: '*', a: '*' },
        'c@1.0.0': { b: '*', x: '*' },
        'x@1.0.0': { a: '*', x: '*' },
      },
    })
    expect(pathsOf(project, 'x')).toEqual({
      paths: [
        ['a@1.0.0', 'c@1.0.0', 'x@1.0.0'],
        ['a@1.0.0', 'b@1.0.0', 'c@1.0.0', 'x@1.0.0'],
      ],
      pathCount: 2,
    })
  })

  test('start at a workspace, too', () => {
    const project = madeUpProject({
      workspaces: { 'packages/a': { production: { x: '*' } } },
      packages: { 'x@1.0.0': {} },
    })
    expect(pathsOf(project, 'x').paths).toEqual([['x@1.0.0']])
  })

  test(`are ${listedPaths} of the shortest, with one of each own dependency, and counted to ${countedPaths}`, () => {
    const layers = 12
    const wide = 8
    const packages: Record<string, Record<string, string>> = { 'far@1.0.0': { 'l0-0': '*' } }
    for (let layer = 0; layer < layers; layer++)
      for (let nth = 0; nth < wide; nth++) {
        const next = Array.from({ length: wide }, (_, to) => [`l${layer + 1}-${to}`, '*'] as const)
        packages[`l${layer}-${nth}@1.0.0`] = Object.fromEntries(
          layer === layers - 1 ? [['x', '*']] : next,
        )
      }
    packages['x@1.0.0'] = {}
    const project = madeUpProject({ production: { 'l0-0': '*', far: '*' }, packages })
    const { paths, pathCount } = pathsOf(project, 'x')
    expect(pathCount).toBe(countedPaths)
    expect(paths).toHaveLength(listedPaths)
    expect(paths.at(-1)?.[0]).toBe('far@1.0.0')
    expect(paths.slice(0, -1).every((path) => path.length === layers + 1)).toBe(true)
  })

  test('of 500 affected versions among 2,000 packages that want each other take no minutes', () => {
    const count = 2000
    const packages: Record<string, Record<string, string>> = {}
    for (let nth = 0; nth < count; nth++)
      packages[`p${nth}@1.0.0`] = Object.fromEntries(
        Array.from({ length: 6 }, (_, k) => [`p${(nth * 7 + k * 331 + 1) % count}`, '*']),
      )
    const production = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p${n * 40}`, '*']))
    const project = madeUpProject({ production, packages })
    const graph = graphOf(project)
    const began = performance.now()
    for (let nth = 0; nth < 500; nth++) {
      const { paths, pathCount } = pathsTo(graph, [nth * 4])
      expect(paths.length).toBeGreaterThan(0)
      expect(pathCount).toBeGreaterThanOrEqual(paths.length)
    }
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('of a chain of 2,000 packages are cut in the middle', () => {
    const packages = Object.fromEntries(
      Array.from({ length: 2000 }, (_, nth) => [
        `p${nth}@1.0.0`,
        nth < 1999 ? { [`p${nth + 1}`]: '*' } : {},
      ]),
    )
    const { paths, pathCount } = pathsOf(
      madeUpProject({ production: { p0: '*' }, packages }),
      'p1999',
    )
    expect(pathCount).toBe(1)
    expect(paths[0]).toHaveLength(51)
    expect(paths[0]?.[25]).toBe('… 1950 more')
    expect(paths[0]?.at(-1)).toBe('p1999@1.0.0')
  })
})

describe('development', () => {
  const ids = ['x', 'y'].map((name) => madeUpAdvisory(name, `GHSA-${name}`, {}))

  test('is what only development gets to: not what production reaches as well', async () => {
    const found = await find(nested, ids)
    const told = found.map(({ package: { name, version }, development }) => [
      `${name}@${version}`,
      development,
    ])
    expect(Object.fromEntries(told)).toEqual({
      'x@1.0.0': false,
      'x@2.0.0': true,
      'y@1.0.0': true,
    })
  })

  test('is left out of a scan of production', async () => {
    const found = await find(productionOf(nested), ids)
    expect(found.map(({ package: { version } }) => version)).toEqual(['1.0.0'])
  })

  test('is not what nothing reaches: a scan of production has it, too', async () => {
    const project = madeUpProject({
      development: { t: '*' },
      packages: { 't@1.0.0': {}, 'x@1.0.0': { y: '*' }, 'y@1.0.0': {} },
    })
    const found = await find(productionOf(project), ids)
    expect(found.map(({ package: { name }, development }) => [name, development])).toEqual([
      ['x', false],
      ['y', false],
    ])
    const bom = JSON.parse(
      render(
        { ...emptyReport, project: { format: 'package-lock.json', file: 'package-lock.json' } },
        'cyclonedx',
        { project },
      ),
    )
    const scopes = bom.components.map((one: { name: string; scope: string }) => [
      one.name,
      one.scope,
    ])
    expect(Object.fromEntries(scopes)).toEqual({ t: 'excluded', x: 'required', y: 'required' })
  })

  test('is what a linked folder wants for development alone', async () => {
    const project = madeUpProject({
      production: { folder: '*' },
      packages: { 'folder@1.0.0': { x: '*', y: '*' }, 'x@1.0.0': {}, 'y@1.0.0': {} },
    })
    const folder = project.packages.get('folder@1.0.0')
    if (folder === undefined) throw new Error('There is no folder')
    const dependencies = folder.dependencies.map((edge) =>
      edge.name === 'x' ? { ...edge, kind: 'development' as const } : edge,
    )
    const packages = new Map(project.packages).set(folder.key, { ...folder, dependencies })
    const found = await find({ ...project, packages }, ids)
    expect(found.map(({ package: { name }, development }) => [name, development])).toEqual([
      ['x', true],
      ['y', false],
    ])
  })

  test('is not what is wanted optionally, or by a workspace', async () => {
    const project = madeUpProject({
      optional: { x: '*' },
      workspaces: { w: { production: { y: '*' } } },
      packages: { 'x@1.0.0': {}, 'y@1.0.0': {} },
    })
    const found = await find(project, ids)
    expect(found.map(({ development }) => development)).toEqual([false, false])
  })
})

describe('a threshold', () => {
  const finding = async (severity: Advisory['severity']): Promise<Finding> => {
    const [found] = await find(nested, [madeUpAdvisory('y', 'GHSA-y', { severity })])
    if (found === undefined) throw new Error('nothing was found')
    return found
  }

  test('is reached by what is as bad or worse, and by what nobody has rated', async () => {
    for (const severity of ['critical', 'high', 'unknown'] as const)
      expect(isAtOrAbove(await finding(severity), 'high')).toBe(true)
    for (const severity of ['moderate', 'low'] as const)
      expect(isAtOrAbove(await finding(severity), 'high')).toBe(false)
  })

  test('of none is reached by nothing, and none by what is ignored', async () => {
    const found = await finding('critical')
    expect(isAtOrAbove(found, 'none')).toBe(false)
    const ignored = { ...found, ignored: { reason: 'why', expires: undefined } }
    expect(isAtOrAbove(ignored, 'low')).toBe(false)
    expect(countsOf([found, ignored])).toMatchObject({ critical: 1, ignored: 1, high: 0 })
  })
})
