/**
 * `bun run soak [--kills N] [--seed N]`: kills Caly N times while clients place calls, for as long
 * as that takes: about 1.3 s each. Ends with the figures, and exit code 1 if a call was lost or
 * placed twice. Runs on the PostgreSQL of `TEST_DATABASE_URL`, else on the embedded database.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { crash } from '../support/crash/index.ts'

const usage = 'Usage: bun run soak [--kills N] [--seed N], each a whole number from 1 up\n'

/** Lines of progress come every so many deaths. */
const step = 10

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' } },
  })
  const kills = Number(values.kills)
  const seed = values.seed === undefined ? undefined : Number(values.seed)
  if (![kills, seed ?? 1].every((number) => Number.isSafeInteger(number) && number > 0)) {
    process.stderr.write(usage)
    return 2
  }
  const began = performance.now()
  const { broken, ...figures } = await crash({
    kills,
    ...(seed !== undefined && { seed }),
    onKill(killed) {
      if (killed % step === 0) process.stdout.write(`${killed} of ${kills} killed\n`)
    },
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name} ${value}\n`)
  process.stdout.write(`seconds ${seconds}\n`)
  for (const line of broken) process.stdout.write(`broken: ${line}\n`)
  process.stdout.write(broken.length === 0 ? 'No call was lost, none placed twice.\n' : '')
  return broken.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
