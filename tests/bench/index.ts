/** `bun run bench [NAME …]`: figures of this machine, compared in one run. All by default. */
import process from 'node:process'
import { benchHttp } from './http.ts'
import { benchLimits } from './limits.ts'

const benches: Readonly<Record<string, () => void | Promise<void>>> = {
  http: benchHttp,
  limits: benchLimits,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in benches))
if (unknown.length > 0) {
  process.stderr.write(`Usage: bun run bench [${Object.keys(benches).join('|')}] …\n`)
  process.exitCode = 2
} else {
  for (const [name, bench] of Object.entries(benches))
    if (names.length === 0 || names.includes(name)) await bench()
}
