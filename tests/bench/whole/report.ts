/** The report of a run, as Markdown and as JSON. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'
import process from 'node:process'
import { loader } from '../load.ts'
import { type Column, columns, type Section } from './run.ts'

/** What all figures of a run are worth no more than. */
export interface Head {
  readonly date: string
  /** `+` behind it: with changes that are not committed. */
  readonly commit: string
  readonly command: string
  readonly machine: string
  readonly system: string
  readonly memoryMb: number
  /** Of the last minute, before the run. */
  readonly loadAverage: number
  readonly loader: string
  readonly versions: Readonly<Record<string, string>>
}

/** Everything that a run showed; {@linkcode columns} has the units. */
export interface Report {
  readonly schema: 1
  readonly head: Head
  readonly sections: readonly Section[]
  /** What was not measured, and why. */
  readonly leftOut: readonly string[]
}

/** A load average below which nobody else works on the machine to speak of. */
const quiet = 0.5

/** Looks at the machine as it is now. */
export function headOf(args: readonly string[]): Head {
  const [processor] = cpus()
  return {
    date: new Date().toISOString(),
    commit: commit(),
    command: ['bun run bench', ...args].join(' '),
    machine: `${cpus().length} × ${processor?.model.trim()}`,
    system: `${process.platform} ${release()}`,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    loadAverage: loadavg()[0] ?? Number.NaN,
    loader,
    versions: { bun: process.versions['bun'] ?? '', ...versionOf('deno'), ...versionOf('node') },
  }
}

/** The tables, to be pasted where figures stand. */
export function markdown({ head, sections, leftOut }: Report): string {
  const versions = Object.entries(head.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `\`${head.command}\`, ${head.date.slice(0, 16).replace('T', ' ')} UTC, commit ${head.commit}: ` +
      `${head.machine}, ${head.memoryMb} MB, ${head.system}, load ${head.loadAverage.toFixed(1)} ` +
      `before it; ${versions.join(', ')}; load by ${head.loader}.`,
    ...(head.loadAverage > quiet ? ['', 'The machine was busy: these figures are rough.'] : []),
    ...sections.flatMap((section) => ['', ...table(section)]),
    ...leftOut.flatMap((what) => ['', `Left out: ${what}`]),
    '',
  ].join('\n')
}

function table({ title, runtime, how, rows }: Section): readonly string[] {
  const used = (Object.keys(columns) as Column[]).filter((column) =>
    rows.some((row) => row[column] !== undefined),
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line([`${title} (${runtime})`, ...used.map((column) => columns[column][0])]),
    line(['---', ...used.map(() => '---:')]),
    ...rows.map((row) => line([row.name, ...used.map((column) => shown(row[column], column))])),
    '',
    how,
  ]
}

/** Thousands are set apart; what is no figure of the row is left empty, what came to nothing is `?`. */
const shown = (value: number | undefined, column: Column): string => {
  if (value === undefined) return ''
  if (Number.isNaN(value)) return '?'
  const [, digits] = columns[column]
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return value.toLocaleString('en', format)
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

function versionOf(program: string): Readonly<Record<string, string>> {
  try {
    const text = execFileSync(program, ['--version'], { encoding: 'utf8' })
    return { [program]: /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '' }
  } catch {
    return {}
  }
}
