/**
 * `bun run soak [--kills N] [--seed N] [--audit SECONDS]`: kills Caly N times while clients place
 * calls, for as long as that takes: about 1.3 s each; then has four processes of 50 writers each write
 * and seal the audit trail for so long. Ends with the figures, and exit code 1 if a call was lost or
 * placed twice, or the trail is not whole. Runs on the PostgreSQL of `TEST_DATABASE_URL`, which must
 * take 250 connections; without one on the embedded database, and without the trail.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { manyWriters } from '../support/audit/many-writers.ts'
import { crash } from '../support/crash/index.ts'
import { createScratchDatabase } from '../support/database.ts'

const usage =
  'Usage: bun run soak [--kills N] [--seed N] [--audit SECONDS], each a whole number from 1 up\n'

/** Lines of progress come every so many deaths. */
const step = 10

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '200' },
      seed: { type: 'string' },
      audit: { type: 'string', default: '60' },
    },
  })
  const kills = Number(values.kills)
  const seed = values.seed === undefined ? undefined : Number(values.seed)
  const audit = Number(values.audit)
  if (![kills, seed ?? 1, audit].every((number) => Number.isSafeInteger(number) && number > 0)) {
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
  const whole = await soakAudit(audit)
  return broken.length === 0 && whole ? 0 : 1
}

/** @returns whether the trail is whole */
async function soakAudit(seconds: number): Promise<boolean> {
  const scratch = await createScratchDatabase()
  if (scratch === undefined) return true
  try {
    const load = { url: scratch.url, processes: 4, writers: 50, seconds }
    const { acknowledged, report, second, longestLockWait, faults } = await manyWriters(load)
    const lines = [
      ...[...faults, ...second, ...report.findings.map(({ text }) => text)].map(
        (fault) => `broken: ${fault}`,
      ),
      `audit events ${acknowledged}, rows ${report.rows}, seals ${report.seals}`,
      `longest wait for a lock ${Math.round(longestLockWait)} ms`,
    ]
    for (const line of lines) process.stdout.write(`${line}\n`)
    return (
      faults.length === 0 &&
      second.length === 0 &&
      report.intact &&
      report.rows === acknowledged &&
      longestLockWait < 1000
    )
  } finally {
    await scratch.drop()
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
