/**
 * Whether sealing keeps pace with the writer at its fastest, in the same process, and how many rows a
 * second the verifier reads and checks: leaf, MAC and personal commitment of each, and its seal.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowMacs, sealKeys, startSealing, verifyTrail } from '../../../src/audit/index.ts'
import { entryOf, openTestTrail, trailKeyring } from '../../support/audit/trail.ts'
import { openTestDatabase } from '../../support/database.ts'
import type { BenchOptions } from './index.ts'

const senders = 2000

/** The verifier runs so often; the median is told. */
const runs = 3

/** Runs it on a database of its own. */
export async function benchSeals({ seconds }: BenchOptions): Promise<readonly string[]> {
  const test = await openTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'caly-bench-'))
  const { client } = test.database
  const { trail, writer } = openTestTrail({ client, folder })
  const macs = rowMacs(trailKeyring)
  const keys = await sealKeys(trailKeyring)
  let sealed = 0
  let oldest = 0
  let failed = 0
  const sealing = startSealing({
    client,
    keys,
    macs,
    now: Date.now,
    onSeal(seal) {
      sealed = seal.totalCount
    },
    onError: () => {
      failed += 1
    },
  })
  try {
    await writer.start()
    let sent = 0
    const end = performance.now() + seconds * 1000
    const send = async () => {
      while (performance.now() < end) await trail.record(entryOf(sent++))
    }
    const watch = setInterval(() => {
      oldest = Math.max(oldest, sent - sealed)
    }, 100)
    await Promise.all(Array.from({ length: senders }, send))
    clearInterval(watch)
    const left = sent - sealed
    await writer.close(10_000)
    const began = performance.now()
    await sealing.sealNow()
    const caughtUp = performance.now() - began
    const rates = []
    let report: Awaited<ReturnType<typeof verifyTrail>> | undefined
    await client.query('vacuum analyze audit_logs')
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now()
      report = await verifyTrail({ client, macs, publicKeys: keys.publicKeys })
      rates.push(report.rows / ((performance.now() - start) / 1000))
    }
    const rate = rates.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
    return [
      `written while it was sealed: ${Math.round(sent / seconds)} events/s for ${seconds} s, rounds that failed: ${failed}`,
      `not sealed yet: at most ${oldest}, at the end ${left}; the rest took ${Math.round(caughtUp)} ms`,
      `verified: ${Math.round(rate)} rows/s (median of ${runs}; ${report?.rows} rows, ${report?.seals} seals, ${report?.findingCount} findings)`,
    ]
  } finally {
    await sealing.close()
    await test.close()
    await rm(folder, { recursive: true, force: true })
  }
}
