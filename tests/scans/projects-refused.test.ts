import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits, ProjectError, parseProject, readProject } from '../../src/scans/projects/index.ts'

let work: string
let folders = 0
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'caly-projects-'))
})
afterAll(() => rm(work, { recursive: true }))

/** A folder with files in it. */
async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const path = join(work, `${++folders}`)
  await mkdir(path)
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content)
  return path
}

async function refused(path: string): Promise<ProjectError> {
  const error = await readProject(path).catch((thrown: unknown) => thrown)
  if (error instanceof ProjectError) return error
  throw new Error(`it was read: ${JSON.stringify(error)}`)
}

const npm = (packages: object, more: object = {}) =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages }, ...more })
const bun = (packages: object, workspaces: object = { '': {} }, more: object = {}) =>
  JSON.stringify({ lockfileVersion: 1, workspaces, packages, ...more })
const bom = (more: object) =>
  JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...more })

const folderCases = [
  { what: 'without any lockfile', files: {}, fault: 'missing', says: /neither a bun.lock nor/ },
  {
    what: 'with a package.json only',
    files: { 'package.json': '{}' },
    fault: 'unsupported',
    says: /run `npm install` or `bun install` first/,
  },
  {
    what: 'of yarn',
    files: { 'yarn.lock': '# yarn lockfile v1' },
    fault: 'unsupported',
    says: /yarn.lock cannot be scanned; scan a CycloneDX SBOM/,
  },
  {
    what: "with Bun's binary lockfile only",
    files: { 'bun.lockb': '#!/usr/bin/env bun\nbun-lockfile-format-v0\n' },
    fault: 'unsupported',
    says: /--save-text-lockfile/,
  },
  {
    what: 'with two lockfiles',
    files: { 'bun.lock': bun({}), 'package-lock.json': npm({}) },
    fault: 'ambiguous',
    says: /both bun.lock and package-lock.json/,
  },
  {
    what: 'with an empty lockfile',
    files: { 'bun.lock': '' },
    fault: 'malformed',
    says: /^bun.lock: is empty/,
  },
  {
    what: 'with a lockfile in UTF-16',
    files: { 'bun.lock': new Uint8Array([0xff, 0xfe, 0x7b, 0]) },
    fault: 'unreadable',
    says: /not text in UTF-8/,
  },
] as const

for (const { what, files, fault, says } of folderCases) {
  test(`A folder ${what} is refused as ${fault}`, async () => {
    const error = await refused(await folder(files))
    expect(error.fault).toBe(fault)
    expect(error.message).toMatch(says)
  })
}

const row = (name: string, info: object = {}) => [`${name}@1.0.0`, '', info, 'sha512-x']

const texts: readonly (readonly [what: string, text: string, fault: string, says: RegExp])[] = [
  ['cut off', bun({ a: row('a') }).slice(0, -20), 'malformed', /is cut off/],
  ['not JSON', '{ a: 1 }', 'malformed', /is not JSON/],
  [
    'in a merge conflict',
    '{\n<<<<<<< HEAD\n"a": 1\n=======\n>>>>>>> b\n}',
    'malformed',
    /merge conflict/,
  ],
  ['a page', '<!doctype html><title>Not found</title>', 'unsupported', /XML or a page/],
  ['an SBOM in XML', '<?xml version="1.0"?><bom/>', 'unsupported', /XML/],
  ['SPDX', '{"spdxVersion":"SPDX-2.3","packages":[]}', 'unsupported', /is SPDX/],
  ['other JSON', '{"packages":{}}', 'unsupported', /neither a lockfile nor an SBOM/],
  ['a list', '[]', 'unsupported', /neither a lockfile nor an SBOM/],
  ['null', 'null', 'unsupported', /neither a lockfile nor an SBOM/],
  [
    'a package-lock.json of version 1',
    '{"lockfileVersion":1}',
    'unsupported',
    /--package-lock-only/,
  ],
  ['a package-lock.json of version 9', '{"lockfileVersion":9}', 'unsupported', /of version 9/],
  ['a package-lock.json without packages', '{"lockfileVersion":3}', 'malformed', /no "packages"/],
  ['one without the root', '{"lockfileVersion":3,"packages":{}}', 'malformed', /no entry for the/],
  ['an entry that is null', npm({ 'node_modules/a': null }), 'malformed', /node_modules\/a/],
  ['a version that is a number', npm({ 'node_modules/a': { version: 1 } }), 'malformed', /version/],
  [
    'a link to nowhere',
    npm({ 'node_modules/a': { link: true, resolved: 'gone' } }),
    'malformed',
    /links to "gone", which is missing/,
  ],
  [
    'dependencies that are a list',
    npm({ 'node_modules/a': { version: '1.0.0', dependencies: ['b'] } }),
    'malformed',
    /"dependencies" is not an object/,
  ],
  [
    'a name that climbs',
    npm({ 'node_modules/..': { version: '1.0.0' } }),
    'malformed',
    /no place for a package/,
  ],
  [
    'a version that a terminal obeys',
    npm({ 'node_modules/a': { version: '1.0.0\u001b[2J' } }),
    'malformed',
    /control characters/,
  ],
  [
    'a package-lock.json that lacks what the root depends on',
    npm({}).replace('{}', '{"dependencies":{"left-pad":"^1.0.0"}}'),
    'malformed',
    /no package for "left-pad", which the root depends on/,
  ],
  [
    'a bun.lock that lacks what a workspace depends on',
    bun({}, { '': {}, 'packages/a': { name: 'a', devDependencies: { 'left-pad': '1' } } }),
    'malformed',
    /no package for "left-pad", which "packages\/a" depends on/,
  ],
  [
    'a bun.lock of version 4',
    bun({}, { '': {} }, { lockfileVersion: 4 }),
    'unsupported',
    /version 4/,
  ],
  ['a bun.lock without its root', bun({}, {}), 'malformed', /no entry for the project itself/],
  ['a bun.lock with a package of text', bun({ a: 'a@1.0.0' }), 'malformed', /"a": is not a list/],
  ['one without a version', bun({ a: ['a', '', {}, ''] }), 'malformed', /without a version/],
  ['one without a description', bun({ a: ['a@1.0.0', '', 'x', ''] }), 'malformed', /description/],
  ['one that was cut', bun({ a: ['a@1.0.0', '', {}] }), 'malformed', /"a": is not a name with/],
  ['one from nowhere', bun({ a: ['a@sftp:x', '', {}, ''] }), 'malformed', /not known/],
  ['an SBOM of version 2.0', bom({ specVersion: '2.0' }), 'unsupported', /"2.0"; 1.2 to 1.7/],
  ['an SBOM of nothing', bom({ components: [] }), 'malformed', /lists no components/],
  ['an SBOM with a nameless component', bom({ components: [{}] }), 'malformed', /without a name/],
  [
    'an SBOM with a graph of text',
    bom({ components: [{ name: 'a' }], dependencies: ['a'] }),
    'malformed',
    /without a "ref"/,
  ],
]

for (const [what, text, fault, says] of texts) {
  test(`What is ${what} is refused as ${fault}, and its name and the reason are told`, () => {
    const read = () => parseProject(text, 'the-file')
    expect(read).toThrow(ProjectError)
    expect(read).toThrow(says)
    expect(read).toThrow(/^the-file: /)
    expect(read).toThrow(expect.objectContaining({ fault }))
  })
}

test('A path that is not there is refused as missing', async () => {
  expect(await refused(join(work, 'nothing'))).toMatchObject({ fault: 'missing' })
  expect(await refused(join(await folder({}), 'bun.lock'))).toMatchObject({ fault: 'missing' })
})

test('A folder, a pipe or a device under the name of a lockfile is refused and not opened', async () => {
  const path = await folder({})
  await mkdir(join(path, 'bun.lock'))
  expect(await refused(path)).toMatchObject({
    fault: 'unreadable',
    message: expect.stringMatching(/not a file/),
  })
  const pipe = join(await folder({}), 'package-lock.json')
  execFileSync('mkfifo', [pipe])
  expect(await refused(pipe)).toMatchObject({ fault: 'unreadable' })
  expect(await refused('/dev/zero')).toMatchObject({ fault: 'unreadable' })
})

test('A file above the limit is refused without being read', async () => {
  const path = join(await folder({}), 'package-lock.json')
  const file = await open(path, 'w')
  await file.truncate(limits.bytes + 1)
  await file.close()
  const start = performance.now()
  expect(await refused(path)).toMatchObject({
    fault: 'too-large',
    message: expect.stringMatching(/64 MiB are read/),
  })
  expect(performance.now() - start).toBeLessThan(500)
})

test('A shrinkwrap is read in place of the package-lock.json beside it', async () => {
  const entry = { 'node_modules/a': { version: '1.0.0' } }
  const path = await folder({ 'npm-shrinkwrap.json': npm(entry), 'package-lock.json': npm({}) })
  const project = await readProject(path)
  expect(project).toMatchObject({ format: 'package-lock.json', file: 'npm-shrinkwrap.json' })
  expect(project.packages.size).toBe(1)
})

test('A package that an installer keeps elsewhere and links to has its version', async () => {
  const store = 'node_modules/.pnpm/registry.example.com/a/1.0.0'
  const project = parseProject(
    npm({
      [store]: { name: 'a', version: '1.0.0', dependencies: { b: '1' } },
      [`${store}/node_modules/b`]: { version: '1.1.0' },
      'node_modules/a': { link: true, resolved: store },
    }),
    'package-lock.json',
  )
  expect(project.manifests).toHaveLength(1)
  expect(project.packages.get('node_modules/a')).toMatchObject({
    version: '1.0.0',
    dependencies: [{ name: 'b', to: `${store}/node_modules/b` }],
  })
})

test('A project that depends on nothing is empty and no error', async () => {
  expect((await readProject(await folder({ 'bun.lock': bun({}) }))).packages.size).toBe(0)
  expect((await readProject(await folder({ 'package-lock.json': npm({}) }))).packages.size).toBe(0)
})

test('A bun.lock with comments, commas before brackets and a byte order mark is read', async () => {
  const text =
    '\uFEFF{ // by hand\n"lockfileVersion": 1, "workspaces": { "": {}, },\n' +
    '"packages": { /* , } */ "a": ["a@1.0.0", "", {}, "sha512-//,]"], },\n}\n'
  const project = await readProject(await folder({ 'bun.lock': text }))
  expect([...project.packages.keys()]).toEqual(['a'])
})

test('Names of what every object has are names like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const dependencies = names.map((name) => `"${name}":"^1.0.0"`).join()
  const rows = names.map((name) => `"${name}":["${name}@1.0.0","",{},""]`).join()
  const entries = names.map((name) => `"node_modules/${name}":{"version":"1.0.0"}`).join()
  const root = `"":{"dependencies":{${dependencies}}}`
  for (const text of [
    `{"lockfileVersion":1,"workspaces":{${root}},"packages":{${rows},},}`,
    `{"lockfileVersion":3,"packages":{${root},${entries}}}`,
  ]) {
    const { manifests, packages } = parseProject(text, 'the-file')
    expect([...packages.values()].map(({ name }) => name)).toEqual(names)
    expect(manifests[0]?.dependencies.map(({ to = '' }) => packages.get(to)?.name)).toEqual(names)
  }
})

/** Texts that are small for what they ask for; each is read or refused within seconds. */
const hostile: readonly (readonly [what: string, text: () => string, outcome: RegExp | number])[] =
  [
    [
      'a million packages',
      () =>
        `{"lockfileVersion":3,"packages":{"":{}${numbered(1e6, (i) => `"node_modules/p${i}":{}`)}}}`,
      /has more than 100000 packages/,
    ],
    [
      'a million dependencies',
      () =>
        `{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0","peerDependencies":{"x":"1"${numbered(1e6, (i) => `"p${i}":"1"`)}}}}}`,
      /has more than 500000 dependencies/,
    ],
    [
      'a package 50 folders deep that looks for 9,000 names through all of them',
      () => {
        const wants = `"optionalDependencies":{"x":"1"${numbered(9000, (i) => `"p${i}":"1"`)}}`
        const place = Array.from({ length: 50 }, () => 'node_modules/a').join('/')
        return `{"lockfileVersion":3,"packages":{"":{},"${place}":{"version":"1.0.0",${wants}}}}`
      },
      1,
    ],
    [
      'a package 2,000 folders deep',
      () => npm({ [Array.from({ length: 2000 }, () => 'node_modules/a').join('/')]: {} }),
      /its place has more than 4096 characters/,
    ],
    ['a key of 2,000 names', () => bun({ [`${'a/'.repeat(2000)}b`]: row('b') }), /is no key/],
    ['a million brackets', () => '['.repeat(1e6), /is cut off/],
    ['a million objects', () => `${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}`, /neither a lockfile/],
    [
      '90,000 components, each in the one before and all alike',
      () => {
        const depth = 90_000
        const inner = '[{"name":"a","components":'.repeat(depth)
        return `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${inner}[]${'}]'.repeat(depth)}}`
      },
      90_000,
    ],
    [
      'a circle of workspaces, links and packages',
      () =>
        npm({
          '': { workspaces: ['*'], dependencies: { a: '1' } },
          'node_modules/a': { version: '1.0.0', dependencies: { b: '1', w: '1' } },
          'node_modules/b': { version: '1.0.0', dependencies: { a: '1' } },
          'node_modules/w': { link: true, resolved: 'w' },
          w: { dependencies: { a: '1', w: '1' } },
        }),
      2,
    ],
  ]

function numbered(count: number, item: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `,${item(index)}`).join('')
}

for (const [what, text, outcome] of hostile) {
  test(`${what} neither break nor hold up the reader`, () => {
    const content = text()
    const start = performance.now()
    const read = () => parseProject(content, 'hostile.json').packages.size
    if (typeof outcome === 'number') expect(read()).toBe(outcome)
    else expect(read).toThrow(outcome)
    expect(performance.now() - start).toBeLessThan(20_000)
  }, 60_000)
}

test('No address of a lockfile or of the .npmrc beside it is asked', async () => {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const entry = { version: '1.0.0', resolved: `${url}/a/-/a-1.0.0.tgz` }
  const path = await folder({
    '.npmrc': `registry=${url}/`,
    'package-lock.json': npm({ 'node_modules/a': entry }),
  })
  expect((await readProject(path)).packages.size).toBe(1)
  await new Promise((resolve) => server.close(resolve))
  expect(asked).toBe(0)
})
