/**
 * `bun run bench [http|limits|audit|stats|callbacks|telemetry|scaling|peers]`: figures of this machine, compared in one run. Without a name
 * the first two; the others take minutes, and a PostgreSQL:
 * `bun run bench audit [--part writer|seals|pages] [--seconds N] [--rows N]`,
 * `bun run bench stats [--rows N]`, `bun run bench callbacks [--seconds N]`.
 * `bun run bench telemetry [--json]`: what telemetry costs a request and a query, and what it bears.
 * `bun run bench scaling`: what one, two and three replicas do, and what each part costs a request.
 * `bun run bench peers [--json]`: Caly beside other frameworks whose plugins do the same work.
 * `bun run bench detection [FILE] [--show N] [--json]`: how well attacks are told, and what it costs.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { benchAudit } from './audit/index.ts'
import { benchCallbacks } from './callbacks.ts'
import { benchDetection } from './detection/index.ts'
import { benchHttp } from './http.ts'
import { benchLimits } from './limits.ts'
import { benchPeers } from './peers/index.ts'
import { benchScaling } from './scaling/index.ts'
import { benchStats } from './stats/index.ts'
import { benchTelemetry } from './telemetry/index.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    part: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    /** @default ten million audit rows, a million calls */
    rows: { type: 'string' },
    show: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
})
const [only, file] = positionals
const benches: Readonly<Record<string, () => void | Promise<void>>> = {
  http: benchHttp,
  limits: benchLimits,
  audit: () =>
    benchAudit(
      { seconds: Number(values.seconds), rows: Number(values.rows ?? 10_000_000) },
      values.part,
    ),
  callbacks: () => benchCallbacks(Number(values.seconds)),
  stats: () => benchStats({ rows: Number(values.rows ?? 1_000_000) }),
  telemetry: () => benchTelemetry({ json: values.json }),
  scaling: benchScaling,
  peers: () => benchPeers({ json: values.json }),
  detection: () => benchDetection({ file, show: Number(values.show), json: values.json }),
}

/** `detection` stands alone: what follows it is a file. */
const names = only === undefined ? ['http', 'limits'] : only === 'detection' ? [only] : positionals
if (names.every((name) => name in benches)) for (const name of names) await benches[name]?.()
else {
  process.stderr.write(`Usage: bun run bench [${Object.keys(benches).join('|')}] …\n`)
  process.exitCode = 2
}
