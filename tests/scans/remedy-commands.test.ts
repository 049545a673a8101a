/**
 * What a remedy says is done, by npm and Bun themselves against a stand-in for their registry: after it
 * the finding is gone. Nothing is installed: both write lockfiles alone.
 */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { httpClient } from '../../src/scans/http.ts'
import type { Remedy, ScanReport } from '../../src/scans/model.ts'
import { scan } from '../../src/scans/scan.ts'
import { usualSources } from '../../src/scans/sources.ts'
import { type MadeUpPackage, startRegistry } from '../support/registry/index.ts'
import { folderWith, record } from './scan-house.ts'

setDefaultTimeout(120_000)

type Packages = Readonly<Record<string, MadeUpPackage>>

interface Scenario {
  readonly what: string
  /** `package.json` by folder; the root is ''. */
  readonly manifests: Readonly<Record<string, object>>
  /** What the registry has when the lockfile is written, and afterwards. */
  readonly before: Packages
  readonly after: Packages
  readonly kind: Remedy['kind']
}

const versions = (
  made: Readonly<Record<string, Readonly<Record<string, string>>>>,
): MadeUpPackage => ({
  versions: Object.fromEntries(
    Object.entries(made).map(([version, dependencies]) => [version, { dependencies }]),
  ),
})

const oldX = versions({ '1.0.0': {} })
const newX = versions({ '1.0.0': {}, '1.2.0': {}, '1.3.0': {}, '2.0.0': {} })
const root = { name: 'made-up', version: '1.0.0', private: true }

const scenarios: readonly Scenario[] = [
  {
    what: 'an update of what another package wants',
    manifests: { '': { ...root, dependencies: { a: '1.0.0' } } },
    before: { a: versions({ '1.0.0': { x: '^1.0.0' } }), x: oldX },
    after: { x: newX },
    kind: 'update',
  },
  {
    what: 'another range of an own dependency',
    manifests: { '': { ...root, devDependencies: { x: '~1.0.0' } } },
    before: { x: oldX },
    after: { x: newX },
    kind: 'direct',
  },
  {
    what: 'another range in a workspace',
    manifests: {
      '': { ...root, workspaces: ['packages/*'] },
      'packages/one': { name: 'one', version: '1.0.0', dependencies: { x: '1.0.0' } },
    },
    before: { x: oldX },
    after: { x: newX },
    kind: 'direct',
  },
  {
    what: 'an update in a workspace',
    manifests: {
      '': { ...root, workspaces: ['packages/*'] },
      'packages/one': { name: 'one', version: '1.0.0', dependencies: { x: '^1.0.0' } },
    },
    before: { x: oldX },
    after: { x: newX },
    kind: 'update',
  },
  {
    what: 'a newer parent',
    manifests: { '': { ...root, dependencies: { a: '1.0.0' } } },
    before: { a: versions({ '1.0.0': { x: '1.0.0' } }), x: oldX },
    after: { a: versions({ '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '^1.2.0' } }), x: newX },
    kind: 'parent',
  },
  {
    what: 'a newer parent that would go on with what is installed',
    manifests: { '': { ...root, dependencies: { a: '^1.0.0' } } },
    before: { a: versions({ '1.0.0': { x: '1.0.0' } }), x: oldX },
    after: { a: versions({ '1.0.0': { x: '1.0.0' }, '1.1.0': { x: '^1.0.0' } }), x: newX },
    kind: 'parent',
  },
  {
    what: 'an override',
    manifests: { '': { ...root, dependencies: { a: '1.0.0' } } },
    before: { a: versions({ '1.0.0': { x: '1.0.0' } }), x: oldX },
    after: { x: newX },
    kind: 'override',
  },
  {
    what: 'an override beside another version',
    manifests: { '': { ...root, dependencies: { a: '1.0.0', b: '1.0.0' } } },
    before: {
      a: versions({ '1.0.0': { x: '1.0.0' } }),
      b: versions({ '1.0.0': { x: '^2.0.0' } }),
      x: versions({ '1.0.0': {}, '2.0.0': {} }),
    },
    after: { x: newX },
    kind: 'override',
  },
  {
    what: 'an override of what the project wants, too',
    manifests: { '': { ...root, dependencies: { a: '1.0.0', x: '1.0.0' } } },
    before: { a: versions({ '1.0.0': { x: '1.0.0' } }), x: oldX },
    after: { x: newX },
    kind: 'override',
  },
]

/** Runs a command as a person would, but for where packages come from and that none is installed. */
function run(command: string, cwd: string, url: string, cache: string): Promise<void> {
  const [program = '', ...args] = command.split(' ').map((word) => word.replaceAll('"', ''))
  const only = program === 'bun' ? ['--lockfile-only'] : ['--package-lock-only', '--no-audit']
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cache,
    npm_config_registry: url,
    npm_config_cache: cache,
    npm_config_update_notifier: 'false',
    BUN_CONFIG_REGISTRY: url,
    BUN_INSTALL_CACHE_DIR: cache,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program === 'bun' ? process.execPath : program, [...args, ...only], {
      cwd,
      env,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${said}`)),
    )
  })
}

async function obey({ write, commands }: Remedy, folder: string, url: string, cache: string) {
  if (write !== undefined) {
    const file = join(folder, 'package.json')
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...write }))
  }
  for (const command of commands) await run(command, folder, url, cache)
}

for (const manager of ['npm', 'bun'] as const)
  for (const { what, manifests, before, after, kind } of scenarios)
    test(`${manager} removes a finding by ${what}`, async () => {
      const packages: Record<string, MadeUpPackage> = { ...before }
      const records = [record('GHSA-2222-2222-2222', 'x', '1.2.0')]
      const registry = await startRegistry({ records, packages })
      const folder = await folderWith({})
      const caches = [await folderWith({}), await folderWith({})]
      const [first = folder, second = folder] = caches
      const look = async (): Promise<ScanReport> => {
        const signal = AbortSignal.timeout(20_000)
        const url = new URL(registry.url)
        const sources = usualSources({ registry: url, osv: url, http: httpClient(), signal })
        return scan({ folder: folder.path, ...sources, signal })
      }
      try {
        for (const [path, manifest] of Object.entries(manifests)) {
          const file = join(folder.path, path, 'package.json')
          await mkdir(dirname(file), { recursive: true })
          await writeFile(file, JSON.stringify(manifest))
        }
        await run(`${manager} install`, folder.path, registry.url, first.path)
        Object.assign(packages, after)
        const found = await look()
        expect(found.status).toBe('complete')
        expect(found.findings.map(({ package: { version } }) => version)).toEqual(['1.0.0'])
        const remedy = found.findings[0]?.remedy
        if (remedy === undefined) throw new Error('no remedy was found')
        expect(remedy.kind).toBe(kind)
        await obey(remedy, folder.path, registry.url, second.path)
        const left = await look()
        expect(left).toMatchObject({ status: 'complete', findings: [] })
        expect(left.packages).toBeGreaterThan(0)
      } finally {
        for (const one of [folder, ...caches]) await one.remove()
        await registry.close()
      }
    })
