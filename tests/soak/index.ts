/**
 * `bun run soak [NAME] [--OPTION N …]`: what takes longer than CI may. Each ends with its figures,
 * and exit code 1 if what it promises does not hold. Runs on the PostgreSQL of `TEST_DATABASE_URL`,
 * else on the embedded database.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { manyWriters } from '../support/audit/many-writers.ts'
import { crash } from '../support/crash/index.ts'
import { createScratchDatabase } from '../support/database.ts'
import { exotelFleet } from '../support/exotel-fleet/index.ts'
import { floodOfAddresses } from './addresses.ts'
import { longFaults } from './faults.ts'

const usage = `Usage: bun run soak [kills] [--kills N] [--seed N]
       bun run soak addresses [--addresses N]
       bun run soak audit [--seconds N]
       bun run soak exotel [--calls N]
       bun run soak faults [--seconds N]
Numbers are whole, from 1 up.
`

/** Lines of progress come every so many deaths. */
const step = 10

/** Memory may move by so many MB while addresses come by the million. */
const memoryMargin = 20

/** Milliseconds that a writer of the audit trail may wait for a lock. */
const longestWait = 1000

/** What is asked of a soak. */
interface Numbers {
  readonly kills: number
  readonly seed: number | undefined
  readonly addresses: number
  readonly seconds: number
  readonly calls: number
}

/** By name; each gives what broke. */
const soaks: Readonly<Record<string, (numbers: Numbers) => Promise<readonly string[]>>> = {
  /** Kills Caly while clients place calls: about 1.3 s each. No call may be lost or placed twice. */
  async kills({ kills, seed }) {
    const { broken, ...figures } = await crash({
      kills,
      ...(seed !== undefined && { seed }),
      onKill(killed) {
        if (killed % step === 0) process.stdout.write(`${killed} of ${kills} killed\n`)
      },
    })
    print(figures)
    return broken
  },

  /** Sends requests of so many addresses. Memory must stay where it is. */
  async addresses({ addresses }) {
    const figures = await floodOfAddresses(addresses, (served, memory) =>
      process.stdout.write(`${served} of ${addresses} addresses, ${memory} MB\n`),
    )
    print(figures)
    const { memoryMedian, memoryLeast, memoryMost } = figures
    const isFlat = Math.max(memoryMost - memoryMedian, memoryMedian - memoryLeast) <= memoryMargin
    return isFlat ? [] : [`memory moved by more than ${memoryMargin} MB`]
  },

  /** Everything around Caly breaks, one after the other, for so long. Needs root, Redis and faketime. */
  faults: ({ seconds }) => longFaults(seconds),

  /** Calls over Exotel, a fifth of whose messages go wrong: each must end as it was played. */
  async exotel({ calls }) {
    const broken = await fleet(calls, 0)
    process.stdout.write('The same, with Caly killed and started again three times:\n')
    return [...broken, ...(await fleet(calls, 3))]
  },

  /** Four processes of 50 writers write and seal the audit trail. Two verifiers must find it whole. */
  async audit({ seconds }) {
    const scratch = await createScratchDatabase()
    if (scratch === undefined) return ['TEST_DATABASE_URL must name a server of 250 connections']
    try {
      const load = { url: scratch.url, processes: 4, writers: 50, seconds }
      const { acknowledged, report, second, longestLockWait, faults } = await manyWriters(load)
      const { rows, seals } = report
      print({ acknowledged, rows, seals, longestLockWait: Math.round(longestLockWait) })
      return [
        ...faults,
        ...second,
        ...report.findings.map(({ text }) => text),
        ...(rows === acknowledged ? [] : ['events and rows are not as many']),
        ...(longestLockWait < longestWait ? [] : [`a writer waited for a lock for a second`]),
      ]
    } finally {
      await scratch.drop()
    }
  },
}

/** Everything that is asked of a fleet, in figures. */
async function fleet(calls: number, kills: number): Promise<readonly string[]> {
  const report = await exotelFleet({
    calls,
    kills,
    onProgress: (text) => process.stdout.write(`${text}\n`),
  })
  const { broken, ...figures } = report
  print(figures)
  return broken
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
      seconds: { type: 'string', default: '60' },
      calls: { type: 'string', default: '5000' },
    },
  })
  const [name = 'kills', ...rest] = positionals
  const soak = soaks[name]
  const isUsable = Object.values(values)
    .map(Number)
    .every((number) => Number.isSafeInteger(number) && number > 0)
  if (!isUsable || rest.length > 0 || soak === undefined) {
    process.stderr.write(usage)
    return 2
  }
  const began = performance.now()
  const broken = await soak({
    kills: Number(values.kills),
    seed: values.seed === undefined ? undefined : Number(values.seed),
    addresses: Number(values.addresses),
    seconds: Number(values.seconds),
    calls: Number(values.calls),
  })
  print({ tookSeconds: Math.round((performance.now() - began) / 1000) })
  for (const line of broken) process.stdout.write(`broken: ${line}\n`)
  if (broken.length === 0) process.stdout.write('Nothing broke.\n')
  return broken.length === 0 ? 0 : 1
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
