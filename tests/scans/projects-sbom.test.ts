import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { knownPackages, parseProject, readProject } from '../../src/scans/projects/index.ts'

const sboms = join(import.meta.dir, 'fixtures/projects/sbom')

/** An SBOM of 1.6 with what a test is about. */
const bom = (components: readonly object[], more: object = {}) =>
  parseProject(
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components, ...more }),
    'bom.json',
  )

const component = (ref: string, more: object = {}) => ({
  type: 'library',
  'bom-ref': ref,
  name: ref,
  version: '1.0.0',
  purl: `pkg:npm/${ref}@1.0.0`,
  ...more,
})

/** Every way from the root, as names. */
function ways({ manifests, packages }: ReturnType<typeof bom>): string[] {
  const next = manifests.flatMap(({ dependencies }) =>
    dependencies.map((edge) => ({ edge, way: '' })),
  )
  const found: string[] = []
  for (const { edge, way } of next) {
    const here = `${way}${way === '' ? '' : ' > '}${edge.name}`
    found.push(here)
    if (way.split(' > ').includes(edge.name)) continue
    for (const each of packages.get(edge.to ?? '')?.dependencies ?? [])
      next.push({ edge: each, way: here })
  }
  return found.sort()
}

for (const version of ['1.4', '1.5', '1.6']) {
  test(`An SBOM of ${version} has its components, their graph and what they are for`, async () => {
    const project = await readProject(join(sboms, `cyclonedx-${version}.json`))
    expect(project).toMatchObject({
      format: 'CycloneDX',
      file: `cyclonedx-${version}.json`,
      gaps: [],
    })
    expect(ways(project)).toEqual([
      '@tootallnate/once',
      'debug',
      'debug > ms',
      'mkdirp',
      'mkdirp > minimist',
      'ms',
      'semver',
      'wrappy',
    ])
    const kinds = project.manifests[0]?.dependencies.map(({ name, kind }) => [name, kind])
    expect(Object.fromEntries(kinds ?? [])).toEqual({
      '@tootallnate/once': 'production',
      debug: 'production',
      mkdirp: 'development',
      ms: 'production',
      semver: 'development',
      wrappy: 'optional',
    })
    expect(knownPackages(project)).toContainEqual({
      ecosystem: 'npm',
      name: '@tootallnate/once',
      version: '1.1.2',
    })
  })
}

const purls = [
  ['pkg:npm/%40angular/core@17.0.0', 'npm', '@angular/core', '17.0.0'],
  ['pkg:pypi/Foo_Bar.baz@2.0', 'PyPI', 'foo-bar-baz', '2.0'],
  [
    'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar',
    'Maven',
    'org.apache.logging.log4j:log4j-core',
    '2.14.1',
  ],
  ['pkg:golang/github.com/BurntSushi/toml@v1.2.0', 'Go', 'github.com/BurntSushi/toml', '1.2.0'],
  ['pkg:golang/stdlib@1.20.1', 'Go', 'stdlib', '1.20.1'],
  ['pkg:cargo/time@0.1.42', 'crates.io', 'time', '0.1.42'],
  ['pkg:nuget/Newtonsoft.Json@12.0.1', 'NuGet', 'Newtonsoft.Json', '12.0.1'],
  ['pkg:gem/rails@5.2.0', 'RubyGems', 'rails', '5.2.0'],
  ['pkg:composer/symfony/http-kernel@v4.4.0', 'Packagist', 'symfony/http-kernel', 'v4.4.0'],
  ['pkg:hex/phoenix@1.5.0', 'Hex', 'phoenix', '1.5.0'],
  ['pkg:pub/http@0.13.0', 'Pub', 'http', '0.13.0'],
  ['pkg:swift/github.com/vapor/vapor@4.0.0', 'SwiftURL', 'github.com/vapor/vapor', '4.0.0'],
  ['pkg:githubactions/actions/checkout@4.0.0', 'GitHub Actions', 'actions/checkout', '4.0.0'],
] as const

for (const [purl, ecosystem, name, version] of purls) {
  test(`${purl} is ${name} of ${ecosystem}, as OSV has it`, () => {
    const project = bom([{ type: 'library', name: 'x', purl }])
    expect(knownPackages(project)).toEqual([{ ecosystem, name, version }])
    expect(project.gaps).toEqual([])
  })
}

test('A component that nobody can be asked about is named with the reason, and stays', () => {
  const project = bom([
    component('fine'),
    { type: 'library', group: 'com.example', name: 'no-purl', version: '3' },
    component('no-version', { version: undefined, purl: 'pkg:npm/no-version' }),
    component('not-a-purl', { purl: 'npm:left-pad' }),
    component('curl', { purl: 'pkg:deb/debian/curl@7.88.1?distro=debian-12' }),
    component('openssl', { purl: 'pkg:deb/debian/openssl@3.0.1' }),
  ])
  expect(project.gaps).toEqual([
    'Without a package URL: com.example/no-purl@3.',
    'Without a version: no-version.',
    'With a package URL that is none: not-a-purl@1.0.0 (npm:left-pad).',
    'Of a kind that is not looked up (deb): curl@1.0.0, openssl@1.0.0.',
  ])
  expect(project.packages.size).toBe(6)
  expect(knownPackages(project).map(({ name }) => name)).toEqual(['fine'])
})

test('Of a long list of gaps the first ten are named and the others counted', () => {
  const components = Array.from({ length: 25 }, (_, index) => ({ type: 'file', name: `f${index}` }))
  expect(bom(components).gaps).toEqual([
    'Without a package URL: f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 15 more.',
  ])
})

test('A version that only the component has is its version', () => {
  const project = bom([component('a', { purl: 'pkg:npm/a', version: '2.0.0' })])
  expect(knownPackages(project)).toEqual([{ ecosystem: 'npm', name: 'a', version: '2.0.0' }])
})

test('A component in another one is reached through it', () => {
  const inner = component('inner', { components: [component('innermost')] })
  const project = bom([component('outer', { components: [inner] })])
  expect(ways(project)).toEqual(['outer', 'outer > inner', 'outer > inner > innermost'])
})

test('A component that the graph leaves out is reached from the root, and a circle at one place', () => {
  const project = bom([component('a'), component('b'), component('c'), component('alone')], {
    dependencies: [
      { ref: 'a', dependsOn: ['b'] },
      { ref: 'b', dependsOn: ['c'] },
      { ref: 'c', dependsOn: ['a'] },
    ],
  })
  expect(project.manifests[0]?.dependencies.map(({ name }) => name)).toEqual(['alone', 'a'])
})

test('The project itself is no package of its own, and its parts are', () => {
  const root = component('shop', { components: [component('part')] })
  const project = bom([component('shop'), component('a')], {
    metadata: { component: root },
    dependencies: [{ ref: 'shop', dependsOn: ['a'] }],
  })
  expect(project.manifests[0]).toMatchObject({ name: 'shop', path: '' })
  expect(ways(project)).toEqual(['a', 'part'])
})

test('A reference that no component has is named', () => {
  const project = bom([component('a')], { dependencies: [{ ref: 'a', dependsOn: ['lost'] }] })
  expect(project.gaps).toEqual(['In the graph, but not among the components: lost.'])
})

test('Components with the same or no bom-ref are all there', () => {
  const plain = { type: 'library', name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0' }
  const project = bom([component('a'), component('a'), plain, plain])
  expect([...project.packages.keys()]).toEqual(['a', 'a (2)', 'a@1.0.0', 'a@1.0.0 (2)'])
  expect(knownPackages(project)).toHaveLength(1)
})

test('What is out of scope at runtime is development', () => {
  const marked = { properties: [{ name: 'cdx:composer:package:isDevRequirement', value: 'true' }] }
  const project = bom([component('a', { scope: 'excluded' }), component('b', marked)])
  expect(project.manifests[0]?.dependencies.map(({ kind }) => kind)).toEqual([
    'development',
    'development',
  ])
})
