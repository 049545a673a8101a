/**
 * `bun run bench [http|limits|audit]`: figures of this machine, compared in one run. Without a name
 * the first two; the audit trail takes minutes, and a PostgreSQL:
 * `bun run bench audit [--part writer|seals|pages] [--seconds N] [--rows N]`.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { benchAudit } from './audit/index.ts'
import { benchHttp } from './http.ts'
import { benchLimits } from './limits.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    part: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    rows: { type: 'string', default: '10000000' },
  },
})
const benches: Readonly<Record<string, () => void | Promise<void>>> = {
  http: benchHttp,
  limits: benchLimits,
  audit: () =>
    benchAudit({ seconds: Number(values.seconds), rows: Number(values.rows) }, values.part),
}

const names = positionals.length > 0 ? positionals : ['http', 'limits']
if (names.every((name) => name in benches)) for (const name of names) await benches[name]?.()
else {
  process.stderr.write(`Usage: bun run bench [${Object.keys(benches).join('|')}] …\n`)
  process.exitCode = 2
}
