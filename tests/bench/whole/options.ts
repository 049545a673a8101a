/** The command line of the bench as a whole. */
import { parseArgs } from 'node:util'
import type { Runtime } from '../../support/process.ts'
import { type Part, partNames } from './parts.ts'

/** What is asked of the bench. */
export interface Options {
  readonly parts: readonly Part[]
  readonly runtimes: readonly Runtime[]
  /** Of a server in a round. */
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  /** Shares of requests that are traced, in percent. */
  readonly samplings: readonly number[]
  /** Watches memory for ten minutes instead of half a one. */
  readonly long: boolean
  /** A file to write the report to. */
  readonly json: string | undefined
  readonly markdown: string | undefined
}

/** The command line cannot be meant so. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What `--help` says. */
export const help = `Usage: bun run bench [OPTION …]

Measures Caly beside bare Elysia in one run, servers taking turns, and prints tables in Markdown.
On the PostgreSQL of TEST_DATABASE_URL, else on the embedded database.

  --only PART,…       ${partNames.join(', ')}; all of them where it is not said
  --runtime WHICH     bun, deno or both (default: bun)
  --seconds N         of one server in one round (default: 1)
  --rounds N          (default: 5)
  --connections N     (default: 32)
  --sampled N,…       shares of requests that are traced, in percent (default: 0,10,100)
  --long              memory after ten minutes of load instead of half a minute
  --json FILE         writes the figures: docs/benchmarks.md says what they are
  --markdown FILE     writes the tables
  --help
`

/** @throws {UsageError} naming the option and what it may be */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parse(args)
  if (values.help) return 'help'
  return {
    parts: listOf('only', values.only, partNames),
    runtimes: values.runtime === 'both' ? runtimes : listOf('runtime', values.runtime, runtimes),
    seconds: number('seconds', values.seconds, 1),
    rounds: number('rounds', values.rounds, 1),
    connections: number('connections', values.connections, 1),
    samplings: values.sampled.split(',').map((share) => number('sampled', share, 0, 100)),
    long: values.long,
    json: values.json,
    markdown: values.markdown,
  }
}

const runtimes = ['bun', 'deno'] as const

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', default: partNames.join() },
        runtime: { type: 'string', default: 'bun' },
        seconds: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '5' },
        connections: { type: 'string', default: '32' },
        sampled: { type: 'string', default: '0,10,100' },
        long: { type: 'boolean', default: false },
        json: { type: 'string' },
        markdown: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

function listOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name[] {
  return text.split(',').map((part) => {
    const found = names.find((name) => name === part)
    if (found === undefined)
      throw new UsageError(`--${option} must be of ${names.join(', ')}, not ${part}`)
    return found
  })
}

function number(option: string, text: string, least: number, most = 100_000): number {
  const value = Number(text)
  // wrk knows whole seconds only.
  if (text.trim() === '' || !(Number.isInteger(value) && value >= least && value <= most))
    throw new UsageError(`--${option} must be a whole number from ${least} to ${most}, not ${text}`)
  return value
}
