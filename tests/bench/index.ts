/**
 * `bun run bench [OPTION …]`: Caly beside bare Elysia, in one run; `--help` names the options.
 * `bun run bench NAME …`: one thing alone, for minutes, and some on a PostgreSQL:
 * `bun run bench http|peers [OPTION …]`: of the whole only what a client asks over and over, or Caly
 * beside other frameworks whose plugins do the same work.
 * `bun run bench limits`: a decision of a rate limit, without HTTP around it.
 * `bun run bench audit [--part writer|seals|pages] [--seconds N] [--rows N]`,
 * `bun run bench stats [--rows N]`, `bun run bench callbacks [--seconds N]`.
 * `bun run bench telemetry [--json]`: what telemetry costs a request and a query, and what it bears.
 * `bun run bench scaling`: what one, two and three replicas do, and what each part costs a request.
 * `bun run bench detection [FILE] [--show N] [--json]`: how well attacks are told, and what it costs.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'

interface Values {
  readonly part: string | undefined
  readonly seconds: string
  readonly rows: string | undefined
  readonly show: string
  readonly json: boolean
}

/** Loaded when they are asked for. */
const benches: Readonly<
  Record<string, (values: Values, file: string | undefined) => void | Promise<void>>
> = {
  limits: async () => (await import('./limits.ts')).benchLimits(),
  audit: async ({ seconds, rows, part }) =>
    (await import('./audit/index.ts')).benchAudit(
      { seconds: Number(seconds), rows: Number(rows ?? 10_000_000) },
      part,
    ),
  callbacks: async ({ seconds }) =>
    (await import('./callbacks.ts')).benchCallbacks(Number(seconds)),
  stats: async ({ rows }) =>
    (await import('./stats/index.ts')).benchStats({ rows: Number(rows ?? 1_000_000) }),
  telemetry: async ({ json }) => (await import('./telemetry/index.ts')).benchTelemetry({ json }),
  scaling: async () => (await import('./scaling/index.ts')).benchScaling(),
  detection: async ({ show, json }, file) =>
    (await import('./detection/index.ts')).benchDetection({ file, show: Number(show), json }),
}

/** Names of some parts of the whole. */
const ofTheWhole: Readonly<Record<string, string>> = { http: 'get,post,list', peers: 'peers' }

const [first = '', ...others] = process.argv.slice(2)
const only = ofTheWhole[first]
if (only !== undefined || first === '' || first.startsWith('-')) {
  const { benchWhole } = await import('./whole/index.ts')
  await benchWhole(only === undefined ? process.argv.slice(2) : ['--only', only, ...others])
} else await alone()

async function alone(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      part: { type: 'string' },
      seconds: { type: 'string', default: '60' },
      rows: { type: 'string' },
      show: { type: 'string', default: '0' },
      json: { type: 'boolean', default: false },
    },
  })
  const [, file] = positionals
  // `detection` stands alone: what follows it is a file.
  const names = first === 'detection' ? [first] : positionals
  if (names.every((name) => name in benches))
    for (const name of names)
      await benches[name]?.({ part: undefined, rows: undefined, ...values }, file)
  else {
    process.stderr.write(`Usage: bun run bench [http|peers|${Object.keys(benches).join('|')}] …\n`)
    process.exitCode = 2
  }
}
