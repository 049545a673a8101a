/**
 * `bun run soak [NAME] [--OPTION N …]`: what takes longer than CI may. Each ends with its figures,
 * and exit code 1 if what it promises does not hold. Runs on the PostgreSQL of `TEST_DATABASE_URL`,
 * else on the embedded database.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { crash } from '../support/crash/index.ts'
import { floodOfAddresses } from './addresses.ts'

const usage = `Usage: bun run soak [kills] [--kills N] [--seed N]
       bun run soak addresses [--addresses N]
Numbers are whole, from 1 up.
`

/** Lines of progress come every so many deaths. */
const step = 10

/** Memory may move by so many MB while addresses come by the million. */
const memoryMargin = 20

/** Kills Caly while clients place calls: about 1.3 s each. No call may be lost or placed twice. */
async function kills(count: number, seed: number | undefined): Promise<readonly string[]> {
  const { broken, ...figures } = await crash({
    kills: count,
    ...(seed !== undefined && { seed }),
    onKill(killed) {
      if (killed % step === 0) process.stdout.write(`${killed} of ${count} killed\n`)
    },
  })
  print(figures)
  return broken
}

/** Sends requests of so many addresses. Memory must stay where it is. */
async function addresses(count: number): Promise<readonly string[]> {
  const figures = await floodOfAddresses(count, (served, memory) =>
    process.stdout.write(`${served} of ${count} addresses, ${memory} MB\n`),
  )
  print(figures)
  const { memoryMedian, memoryLeast, memoryMost } = figures
  const isFlat = Math.max(memoryMost - memoryMedian, memoryMedian - memoryLeast) <= memoryMargin
  return isFlat ? [] : [`memory moved by more than ${memoryMargin} MB`]
}

const print = (figures: object) => {
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name} ${value}\n`)
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string' },
      addresses: { type: 'string', default: '2000000' },
    },
  })
  const [name = 'kills', ...rest] = positionals
  const numbers = Object.values(values).map(Number)
  const isUsable = numbers.every((number) => Number.isSafeInteger(number) && number > 0)
  if (!isUsable || rest.length > 0 || !['kills', 'addresses'].includes(name)) {
    process.stderr.write(usage)
    return 2
  }
  const began = performance.now()
  const broken =
    name === 'kills'
      ? await kills(
          Number(values.kills),
          values.seed === undefined ? undefined : Number(values.seed),
        )
      : await addresses(Number(values.addresses))
  process.stdout.write(`seconds ${Math.round((performance.now() - began) / 1000)}\n`)
  for (const line of broken) process.stdout.write(`broken: ${line}\n`)
  if (broken.length === 0) process.stdout.write('Nothing broke.\n')
  return broken.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
