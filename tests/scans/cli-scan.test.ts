/** `caly scan` as people and pipelines call it: a process of its own, against a stand-in. */
import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { progressLine } from '../../src/cli/scan-progress.ts'
import { type CommandOptions, type Ended, caly as runCaly } from '../support/command.ts'
import { startRegistry } from '../support/registry/index.ts'
import { folderWith, npmLock, record } from './scan-house.ts'

setDefaultTimeout(60_000)

const registry = await startRegistry({
  records: [
    record('GHSA-2222-2222-2222', 'x', '1.2.0', { aliases: ['CVE-2026-0001'], rated: 'HIGH' }),
    record('GHSA-3333-3333-3333', 'y', '1.0.1', { rated: 'LOW' }),
  ],
  packages: {
    x: { versions: { '1.0.0': {}, '1.2.0': {} } },
    y: { versions: { '1.0.0': {}, '1.0.1': {} } },
    z: { versions: { '1.0.0': {} } },
  },
})
afterAll(() => registry.close())
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})

const lockOf = (name: string, kind: 'dependencies' | 'devDependencies' = 'dependencies') =>
  npmLock({ [kind]: { [name]: '^1.0.0' }, packages: { [name]: { version: '1.0.0' } } })

const high = await folderWith({ 'package-lock.json': lockOf('x') })
const low = await folderWith({ 'package-lock.json': lockOf('y') })
const clean = await folderWith({ 'package-lock.json': lockOf('z') })
const development = await folderWith({ 'package-lock.json': lockOf('x', 'devDependencies') })
const broken = await folderWith({ 'package-lock.json': '{' })
const folders = [high, low, clean, development, broken]
afterAll(() => Promise.all(folders.map(({ remove }) => remove())))

const caly = async (
  args: readonly string[],
  { env, ...how }: Partial<CommandOptions> = {},
): Promise<Pick<Ended, 'code' | 'out' | 'error'>> => {
  const { code, out, error } = await runCaly(['scan', ...args], {
    ...how,
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
      ...{ SCAN_REGISTRY: registry.url, SCAN_OSV: registry.url },
      ...env,
    },
  })
  return { code, out, error }
}

describe('the exit code', () => {
  test('is 0 where nothing is known, with the report on stdout and nothing on stderr', async () => {
    const run = await caly([clean.path])
    expect(run).toEqual({
      code: 0,
      out: 'No known vulnerability in 1 package of package-lock.json\n',
      error: '',
    })
  })

  test('is 1 for a finding that is bad enough, which stderr says', async () => {
    const { code, out, error } = await caly([high.path])
    expect(code).toBe(1)
    expect(out).toContain('HIGH      x 1.0.0 GHSA-2222-2222-2222, CVE-2026-0001')
    expect(out).toContain('npm update x')
    expect(out).not.toContain('\u001b')
    expect(error).toBe('1 finding is as bad as high, or worse, or not rated\n')
  })

  const thresholds = [
    [low, [], {}, 0],
    [low, ['--fail-on', 'low'], {}, 1],
    [low, [], { SCAN_FAIL_ON: 'low' }, 1],
    [low, ['--fail-on', 'high'], { SCAN_FAIL_ON: 'low' }, 0],
    [high, ['--fail-on', 'critical'], {}, 0],
    [high, ['--fail-on', 'none'], {}, 0],
    [development, ['--production'], {}, 0],
    [development, [], {}, 1],
  ] as const
  for (const [folder, args, env, expected] of thresholds) {
    const what = ['x', 'y', 'x'][[high, low, development].indexOf(folder)]
    const set = Object.entries(env).map((pair) => pair.join('='))
    test(`is ${expected} for ${what} with ${[...set, ...args].join(' ') || 'nothing more'}`, async () => {
      expect((await caly([folder.path, '--no-outdated', ...args], { env })).code).toBe(expected)
    })
  }

  test('is 1 for a scan that is incomplete, though nothing was found, whatever the threshold', async () => {
    registry.break({ kind: 'status', status: 410 })
    const { code, out, error } = await caly([clean.path, '--fail-on', 'none'])
    expect(code).toBe(1)
    expect(out).toContain('The scan is incomplete: 0 findings so far')
    expect(error).toContain('The scan is incomplete: ')
    expect(error).toContain('answered 410')
  })

  test('is 1 for a scan that has failed, in every format', async () => {
    for (const format of ['table', 'json', 'sarif', 'cyclonedx', 'markdown']) {
      const { code, out, error } = await caly([broken.path, '--format', format])
      expect(code).toBe(1)
      expect(out).toContain('failed')
      expect(error).toContain('The scan has failed: package-lock.json')
    }
  })

  const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
    [['--format', 'xml'], '--format must be table, json, sarif, cyclonedx, markdown\n'],
    [['--fail-on', 'worst'], '--fail-on must be critical, high, moderate, low or none\n'],
    [
      ['--registry', 'https://me:secret@example.com'],
      '--registry must be an http(s) URL without credentials\n',
    ],
    [['--private', '@acme/web thing'], '--private must be'],
    [['--offline', ''], '--offline must not be empty'],
    [['one', 'two'], 'Expected is [PATH]'],
    [['--sarif'], 'An option is not known'],
  ]
  for (const [args, says] of wrong)
    test(`is 2 for ${args.join(' ').replace('secret', '…')}`, async () => {
      const { code, out, error } = await caly(args)
      expect(code).toBe(2)
      expect(out).toBe('')
      expect(error).toContain(says)
      expect(error).not.toContain('secret')
      expect(registry.requests).toEqual([])
    })

  test('is 2 for a variable that is wrong, without its value', async () => {
    const { code, error } = await caly([clean.path], { env: { SCAN_REGISTRY: 'ftp://secret' } })
    expect(code).toBe(2)
    expect(error).toContain('SCAN_REGISTRY must be')
    expect(error).not.toContain('secret')
  })
})

describe('caly scan', () => {
  test('needs neither database nor the configuration of production', async () => {
    const { code, error } = await caly([clean.path], { env: { NODE_ENV: 'production' } })
    expect({ code, error }).toEqual({ code: 0, error: '' })
  })

  test('looks into the folder that it is called in, and at a file that is named', async () => {
    expect((await caly([], { cwd: high.path })).out).toContain('GHSA-2222-2222-2222')
    const { out } = await caly([join(low.path, 'package-lock.json')])
    expect(out).toContain('GHSA-3333-3333-3333')
  })

  test('prints JSON, SARIF and CycloneDX that programs read', async () => {
    for (const format of ['json', 'sarif', 'cyclonedx'])
      expect(JSON.parse((await caly([high.path, '--format', format])).out)).toBeObject()
    const below = await folderWith({})
    await mkdir(join(below.path, 'services/api'), { recursive: true })
    await writeFile(join(below.path, 'services/api/package-lock.json'), lockOf('x'))
    const { out } = await caly(['services/api', '--format', 'sarif'], { cwd: below.path })
    expect(out).toContain('"uri": "services/api/package-lock.json"')
    await below.remove()
  })

  test('ends in peace where who reads has had enough: its exit code is the scan’s', async () => {
    const places = Array.from({ length: 3000 }, (_, nth) => [`p${nth}`, { version: '1.0.0' }])
    const large = await folderWith({
      'package-lock.json': npmLock({ packages: Object.fromEntries(places) }),
    })
    const args = [large.path, '--format', 'cyclonedx']
    const closed = await caly(args, { meanwhile: ({ stdout }) => stdout?.destroy() })
    await large.remove()
    expect(closed).toEqual({ code: 0, out: '', error: '' })
  })

  test('takes advisories from files alone, and asks nobody', async () => {
    const records = await folderWith({
      'GHSA-2222-2222-2222.json': JSON.stringify(record('GHSA-2222-2222-2222', 'x', '1.2.0')),
    })
    const { code, out, error } = await caly([
      high.path,
      '--offline',
      records.path,
      '--format',
      'json',
    ])
    expect(JSON.parse(out)).toMatchObject({ status: 'complete', counts: { high: 1 }, outdated: [] })
    expect({ code, error }).toMatchObject({ code: 1, error: expect.stringContaining('1 finding') })
    expect(registry.requests).toEqual([])
    const nowhere = await caly([high.path, '--offline', join(records.path, 'nothing')])
    expect(nowhere.code).toBe(1)
    expect(nowhere.error).toBe(
      `The scan is incomplete: OSV's records were not all read: ${join(records.path, 'nothing')} is not there, or not to be read.\n`,
    )
    await records.remove()
  })

  test('offline asks the registry that is named beside it for versions, and for no advisory', async () => {
    const records = await folderWith({
      'a.json': JSON.stringify(record('GHSA-2222-2222-2222', 'x', '1.2.0')),
    })
    const args = [high.path, '--offline', records.path, '--registry', registry.url]
    expect((await caly(args)).out).toContain('Update x to 1.2.0')
    expect(new Set(registry.requests.map(({ part }) => part))).toEqual(new Set(['metadata']))
    await records.remove()
  })

  test('tells no private name', async () => {
    const own = await folderWith({ 'package-lock.json': lockOf('@acme/web') })
    const { code, out } = await caly([own.path, '--private', '@acme', '--private', 'other'])
    expect({ code, out }).toEqual({
      code: 0,
      out: 'No known vulnerability in 1 package of package-lock.json (1 private, and not asked about)\n',
    })
    expect(JSON.stringify(registry.requests)).not.toContain('acme')
    await own.remove()
  })

  test('stops at a signal, says so, and prints no report', async () => {
    registry.break({ kind: 'hang' })
    const { code, out, error } = await caly([high.path], {
      meanwhile: (child) => {
        const timer = setInterval(() => {
          if (registry.requests.length === 0) return
          clearInterval(timer)
          child.kill('SIGINT')
        }, 20)
      },
    })
    expect({ code, out, error }).toEqual({
      code: 1,
      out: '',
      error: 'The scan was stopped: nothing is known\n',
    })
  })

  test('--help tells its options and exits 0', async () => {
    const { code, out } = await caly(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('Usage: caly scan [PATH]')
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })
})

describe('progress', () => {
  test('is one line that changes on a terminal, and goes at the end', () => {
    const written: string[] = []
    const line = progressLine({ isTTY: true, write: (text) => written.push(text) })
    line.show({ step: 'sources', done: 0, of: 2 })
    line.show({ step: 'sources', done: 0, of: 2 })
    line.show({ step: 'remedies', done: 3, of: 12 })
    line.end()
    expect(written).toEqual([
      '\r\u001b[KAsking for advisories: 0 of 2 sources have answered (0 s)',
      '\r\u001b[KLooking for remedies: 3 of 12 (0 s)',
      '\r\u001b[K',
    ])
  })

  test('is no wider than the terminal', () => {
    const written: string[] = []
    const line = progressLine({ isTTY: true, columns: 20, write: (text) => written.push(text) })
    line.show({ step: 'sources', done: 0, of: 2 })
    line.end()
    expect(written[0]).toBe('\r\u001b[KAsking for advisori')
  })

  test('is nothing at all where no terminal is', () => {
    const written: string[] = []
    const line = progressLine({ write: (text) => written.push(text) })
    line.show({ step: 'project', done: 0, of: 1 })
    line.end()
    expect(written).toEqual([])
  })
})
