import { stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { type } from 'arktype'
import { httpUrl } from '../config/fields.ts'
import { readScanConfig } from '../config/scan.ts'
import { isAtOrAbove, type Threshold } from '../scans/findings/index.ts'
import type { Project, ScanReport } from '../scans/model.ts'
import { type Format, formats, plain, render } from '../scans/report/index.ts'
import { scan } from '../scans/scan.ts'
import { usualSources } from '../scans/sources.ts'
import { type Command, several, type Values } from './command.ts'
import { environment } from './environment.ts'
import { progressLine } from './scan-progress.ts'
import { UsageError } from './usage-error.ts'

/** `caly scan` */
export const scanCommand: Command = {
  usage: '[PATH] [--format FORMAT] [--fail-on SEVERITY] …',
  positionals: ['[PATH]'],
  help: () =>
    [
      'Looks the packages of a project up: what is known against them, how they are reached, what to do.',
      'PATH is a folder with a bun.lock or package-lock.json, such a file, or a CycloneDX SBOM. Default: .',
      `  --format FORMAT     ${formats.join(', ')}. Default: table`,
      '  --fail-on SEVERITY  critical, high, moderate, low or none: a finding that is as bad or worse makes',
      '                      the exit code 1. Default: SCAN_FAIL_ON, which is high',
      '  --production        leave out what only development gets to',
      '  --private @SCOPE    whose names are not told to anybody, or one name; several times for several',
      '  --registry URL      the npm registry. Default: SCAN_REGISTRY, or the public one',
      '  --offline PATH      take advisories from a folder or zip of OSV records. Nothing is asked over the',
      '                      network, but --registry where it is given: for versions',
      '  --no-outdated       do not look for what is outdated',
      "SCAN_OSV names another address of OSV's API, or a folder or zip of its records. What is ignored, and",
      'why, stands in .caly-scan.json. The report alone goes to stdout. Exit code 1: a finding, or the scan',
      'has failed or is incomplete, which stderr says. See docs/scans.md.',
    ].join('\n'),
  options: {
    ...{ format: { type: 'string' }, 'fail-on': { type: 'string' } },
    ...{ production: { type: 'boolean' }, private: { type: 'string', multiple: true } },
    ...{ registry: { type: 'string' }, offline: { type: 'string' } },
    'no-outdated': { type: 'boolean' },
  },
  async run(values) {
    const wishes = wishesOf(values)
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    const signals = ['SIGINT', 'SIGTERM'] as const
    for (const signal of signals) process.once(signal, onSignal)
    try {
      return await scanAndTell(wishes, stop.signal)
    } catch (error) {
      if (!stop.signal.aborted) throw error
      process.stderr.write('The scan was stopped: nothing is known\n')
      return 1
    } finally {
      for (const signal of signals) process.off(signal, onSignal)
    }
  },
}

interface Wishes {
  readonly path: string
  readonly format: Format
  readonly failOn: Threshold
  readonly production: boolean
  readonly outdated: boolean
  readonly privateNames: readonly string[]
  readonly registry: URL | undefined
  readonly osv: URL | string | undefined
  readonly offline: string | undefined
}

async function scanAndTell(wishes: Wishes, signal: AbortSignal): Promise<number> {
  const { path, format, failOn, production, outdated, privateNames } = wishes
  let project: Project | undefined
  const progress = progressLine(process.stderr)
  const report = await scan({
    folder: path,
    ...usualSources({ ...wishes, signal }),
    ...{ private: privateNames, production, outdated, signal },
    onProgress: progress.show,
    onProject: (read) => {
      project = read
    },
  }).finally(progress.end)
  const colours = process.stdout.isTTY === true && (environment()['NO_COLOR'] ?? '') === ''
  const folder = await folderFromHere(path)
  await written(render(report, format, { colours, folder, ...(project && { project }) }))
  const said = complaints(report, failOn)
  for (const line of said) process.stderr.write(`${plain(line, 1000)}\n`)
  return said.length === 0 ? 0 : 1
}

/** All of it, however slow the other end is. One that has had enough (`head`) changes no exit code. */
async function written(text: string): Promise<void> {
  try {
    await pipeline([text], process.stdout, { end: false })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
}

/** What makes the exit code 1. */
function complaints({ status, problems, findings }: ScanReport, failOn: Threshold): string[] {
  const bad = findings.filter((finding) => isAtOrAbove(finding, failOn)).length
  return [
    ...(status === 'failed' ? problems.map((problem) => `The scan has failed: ${problem}`) : []),
    ...(status === 'incomplete'
      ? problems.map((problem) => `The scan is incomplete: ${problem}`)
      : []),
    ...(bad === 0
      ? []
      : [
          `${bad} ${bad === 1 ? 'finding is' : 'findings are'} as bad as ${failOn}, or worse, or not rated`,
        ]),
  ]
}

const severity = type("'critical' | 'high' | 'moderate' | 'low' | 'none'")
const format = type.enumerated(...formats)
const privateName = type(/^(@[\w.~-]+(\/(\*|[\w.~-]+)?)?|[\w.~-]+)$/)

function wishesOf(values: Values): Wishes {
  const config = readScanConfig(environment())
  const { 'fail-on': failOn, format: wanted, registry, offline, PATH } = values
  for (const name of several(values, 'private'))
    if (privateName(name) instanceof type.errors)
      throw new UsageError('--private must be a scope such as @acme, or the name of a package')
  return {
    path: typeof PATH === 'string' ? given('PATH', PATH) : '.',
    format: wanted === undefined ? 'table' : read('format', format, wanted, formats.join(', ')),
    failOn:
      failOn === undefined
        ? config.failOn
        : read('fail-on', severity, failOn, 'critical, high, moderate, low or none'),
    production: values['production'] === true,
    outdated: values['no-outdated'] !== true,
    privateNames: several(values, 'private'),
    registry:
      registry === undefined
        ? registryOf(config, offline)
        : read('registry', httpUrl, registry, 'an http(s) URL without credentials'),
    osv: config.osv,
    offline: typeof offline === 'string' ? given('--offline', offline) : undefined,
  }
}

/** Who scans offline means it: the network is asked only where that is said in the same line. */
const registryOf = (
  config: ReturnType<typeof readScanConfig>,
  offline: Values[string],
): URL | undefined => (offline === undefined ? config.registry : undefined)

function given(name: string, text: string): string {
  if (text === '') throw new UsageError(`${name} must not be empty`)
  return text
}

/** An option by a rule. Its value is not repeated: an address may hold a secret. */
function read<Value>(
  name: string,
  rule: (value: unknown) => Value | InstanceType<typeof type.errors>,
  value: unknown,
  expected: string,
): Value {
  const found = rule(value)
  if (found instanceof type.errors) throw new UsageError(`--${name} must be ${expected}`)
  return found
}

/** Where code scanning finds the file: from here, which is the root of the repository most often. */
async function folderFromHere(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  const folder = relative('.', found?.isDirectory() === false ? dirname(path) : path)
  return folder.startsWith('..') || isAbsolute(folder) ? '' : folder
}
