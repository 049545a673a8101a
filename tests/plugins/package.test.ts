/** The package that `npm pack` makes, as those see it who install it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import manifest from '../../package.json' with { type: 'json' }
import { createScratchDatabase } from '../support/database.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const run = promisify(execFile)

/** Scripts of the package call this very Bun, whatever stands in PATH. */
const env = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
}

let consumer = ''
let tarball = new Uint8Array()
/** Below the package's folder. */
let files: readonly string[] = []

/** Where there is no npm, Bun packs the same. */
const packing = (folder: string): string[] =>
  Bun.which('npm')
    ? ['pack', '--silent', '--pack-destination', folder]
    : ['pm', 'pack', '--quiet', '--destination', folder]

const installed = () => join(consumer, 'node_modules', manifest.name)

beforeAll(async () => {
  consumer = await mkdtemp(join(tmpdir(), 'caly-consumer-'))
  await run(Bun.which('npm') ? 'npm' : process.execPath, packing(consumer), { cwd: root, env })
  const [packed = ''] = (await readdir(consumer)).map((name) => join(consumer, name))
  tarball = new Uint8Array(await readFile(packed))
  await mkdir(installed(), { recursive: true })
  await run('tar', ['xzf', packed, '-C', installed(), '--strip-components=1'])
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== manifest.name)
      await symlink(join(root, 'node_modules', name), join(consumer, 'node_modules', name))
  await cp(join(root, 'tests/plugins/consumer'), consumer, { recursive: true })
  await writeFile(join(consumer, 'package.json'), '{ "type": "module" }\n')
  const listed = await readdir(installed(), { recursive: true, withFileTypes: true })
  files = listed
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed(), join(entry.parentPath, entry.name)))
}, 60_000)

afterAll(() => rm(consumer, { recursive: true, force: true }))

/** The modules that a module names, by what it names them for. */
async function importsOf(file: string): Promise<readonly { kind: string; path: string }[]> {
  const text = await readFile(file, 'utf8')
  if (file.endsWith('.js')) return new Bun.Transpiler({ loader: 'js' }).scanImports(text)
  const named = text.matchAll(/(?:\bfrom |\bimport ?\(?)["']([^"']+)["']/g)
  return Array.from(named, ([, path = '']) => ({ kind: 'types', path }))
}

const packageOf = (path: string): string =>
  path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')

/** The packages that are loaded with an entry. */
async function loadedBy(entry: string): Promise<string[]> {
  const seen = new Set([join(installed(), entry)])
  const packages = new Set<string>()
  for (const file of seen)
    for (const { kind, path } of await importsOf(file)) {
      if (kind !== 'import-statement' || path.startsWith('node:')) continue
      if (path.startsWith('.')) seen.add(join(dirname(file), path))
      else packages.add(packageOf(path))
    }
  return [...packages].sort()
}

test('holds the plugins, their types, what they read, and no more', () => {
  const others = files.filter(
    (file) => !/^dist\/(?:src|db|telemetry)\/.*\.(?:js|d\.ts)$/.test(file),
  )
  expect(others.filter((file) => !file.startsWith('dist/db/migrations/')).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/src/hooks/validation/validators/password/common.txt',
    'docs/plugins.md',
    'package.json',
  ])
  const folders = new Set(files.map((file) => /^dist\/src\/([\w-]+)\//.exec(file)?.[1]))
  expect([...folders].filter((name) => name !== undefined).sort()).toEqual([
    'audit',
    'config',
    'health',
    'hooks',
    'log',
    'observations',
    'plugins',
    'redaction',
    'server',
    'service',
  ])
  // No feature of the service: calls, clients, scans and the pages of its documentation stay at home.
  expect(files.filter((file) => /\/(?:calls|auth|scans|docs|cli)\//.test(file))).toEqual([])
})

test('imports nothing that it does not depend on, in code and in types', async () => {
  const known = new Set([
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies),
  ])
  const named = new Set<string>()
  for (const file of files.filter((file) => /\.(?:js|d\.ts)$/.test(file)))
    for (const { path } of await importsOf(join(installed(), file)))
      if (!/^(?:\.|node:|bun$)/.test(path)) named.add(packageOf(path))
  expect([...named].filter((name) => !known.has(name)).sort()).toEqual([])
})

const light = [
  'security-headers',
  'cors',
  'overload',
  'sane-request',
  'rate-limit',
  'request-context',
]
for (const name of light)
  test(`caly/${name} loads Elysia and next to nothing else`, async () => {
    const packages = await loadedBy(`dist/src/plugins/${name}.js`)
    expect(packages.filter((one) => one !== 'uuid')).toEqual(['elysia'])
  })

test('only what needs PostgreSQL or the OpenTelemetry SDK loads it', async () => {
  const heavy = [
    'postgres',
    'drizzle-orm',
    '@opentelemetry/sdk-node',
    '@redis/client',
    '@electric-sql/pglite',
  ]
  const loaded: Record<string, string[]> = {}
  for (const name of Object.keys(manifest.exports).filter((name) => name !== './package.json')) {
    const packages = await loadedBy(`dist/src/plugins/${name.slice(2) || 'index'}.js`)
    const found = packages.filter((one) => heavy.includes(one))
    if (found.length > 0) loaded[name] = found
  }
  expect(loaded).toEqual({
    '.': ['@opentelemetry/sdk-node'],
    './telemetry': ['@opentelemetry/sdk-node'],
    './audit': ['drizzle-orm', 'postgres'],
  })
})

test('a bundler takes one plugin out of it, and leaves the rest', async () => {
  const entry = join(consumer, 'bundled.ts')
  await writeFile(entry, `export { problemDetails } from 'caly/errors'\n`)
  const { outputs } = await Bun.build({ entrypoints: [entry], target: 'bun', external: ['elysia'] })
  const [output] = outputs
  const text = (await output?.text()) ?? ''
  expect(text).toContain('problem+json')
  // Not even what the whole of the folders around it would load.
  for (const name of ['arktype', 'libphonenumber', 'postgres', 'opentelemetry', 'pino'])
    expect(text).not.toContain(`node_modules/${name}`)
  expect(text.length).toBeLessThan(60_000)
})

test('publint finds nothing to say', async () => {
  const { messages } = await publint({ pack: { tarball: tarball.slice().buffer } })
  expect(messages).toEqual([])
})

test('its types are found by whoever imports it, as ES modules', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(tarball))
  const problems = 'problems' in analysis ? analysis.problems : []
  expect(analysis.types).not.toBe(false)
  // Bun and Deno resolve by `exports`, and know no `require`: what is older does not apply.
  const meant = problems.filter(
    (problem) => !('resolutionKind' in problem && /^node10$|-cjs$/.test(problem.resolutionKind)),
  )
  expect(meant).toEqual([])
})

test('every plugin has complete types in the strictest settings', async () => {
  const tsc = join(root, 'node_modules/typescript/lib/tsc.js')
  const said = await run(process.execPath, [tsc, '-p', consumer], { env }).then(
    ({ stdout }) => stdout,
    ({ message, stdout }: { message: string; stdout: string }) => message + stdout,
  )
  expect(said).toBe('')
}, 30_000)

describe('an app of ten lines gets the whole protection', () => {
  // Deno comes with nothing that this repository installs: where it is, it is asked.
  const deno = Bun.which('deno')
  const runtimes = {
    Bun: [process.execPath],
    ...(deno !== null && { Deno: [deno, 'run', '--quiet', '-A'] }),
  }
  for (const [name, [command = '', ...args]] of Object.entries(runtimes))
    test(`under ${name}`, async () => {
      const app = await readFile(join(consumer, 'app.ts'), 'utf8')
      expect(app.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
      const { stdout } = await run(command, [...args, 'check.ts'], { cwd: consumer, env })
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.filter(({ msg }) => msg === 'request').map(({ status }) => status)).toEqual([
        200, 404, 422, 413, 500, 200, 429,
      ])
      expect(stdout).not.toContain('hunter2')
    }, 30_000)
})

test('every example of docs/plugins.md, and that of the README, does what it says', async () => {
  const page = await readFile(join(root, 'docs/plugins.md'), 'utf8')
  const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text)
  expect(examples.length).toBe(Object.keys(manifest.exports).length - 1)
  const [first = ''] =
    /```ts\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8'))?.slice(1) ?? []
  expect(first).toContain("from 'caly'")
  examples.push(first.replace('.listen(3000)', '.listen(0)'))
  for (const [index, text] of examples.entries())
    await writeFile(join(consumer, `example-${index}.ts`), text)
  const all = examples.map((_, index) => `await import('./example-${index}.ts')\n`)
  await writeFile(join(consumer, 'examples.ts'), `${all.join('')}process.exit(0)\n`)
  const database = await createScratchDatabase(false)
  try {
    await run(process.execPath, ['examples.ts'], {
      cwd: consumer,
      env: { ...env, DATABASE_URL: database?.url, ENCRYPTION_KEY: '5'.repeat(64) },
    })
  } finally {
    await database?.drop()
  }
}, 30_000)
