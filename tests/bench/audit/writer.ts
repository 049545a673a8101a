/**
 * How many events a second the writer takes to the database, and what `record()` costs the request
 * that calls it. Every event is counted in the table at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { AuditEntry } from '../../../src/audit/index.ts'
import { entryOf, openTestTrail } from '../../support/audit/trail.ts'
import { openTestDatabase } from '../../support/database.ts'
import type { BenchOptions } from './index.ts'

/** Events that wait for their row at a time, as requests of a busy process do. */
const senders = 2000

/** `record()` is timed over so many bursts of so many events, with all of them written in between. */
const bursts = 200
const burst = 100

/** Runs it on a database of its own. */
export async function benchWriter({ seconds }: BenchOptions): Promise<readonly string[]> {
  const test = await openTestDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'caly-bench-'))
  const { client } = test.database
  const counts = { statements: 0, spooled: 0, gaps: 0 }
  const { trail, writer } = openTestTrail({
    client,
    folder,
    observer: {
      onFlush: () => {
        counts.statements += 1
      },
      onSpool: (rows) => {
        counts.spooled += rows
      },
      onGap: () => {
        counts.gaps += 1
      },
    },
  })
  try {
    await writer.start()
    const cost = await costOfRecord(trail.record)
    let sent = bursts * burst
    const before = sent
    counts.statements = 0
    const cpu = process.cpuUsage()
    const began = performance.now()
    const end = began + seconds * 1000
    const send = async () => {
      while (performance.now() < end) await trail.record(entryOf(sent++))
    }
    await Promise.all(Array.from({ length: senders }, send))
    const took = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(cpu)
    await writer.close(10_000)
    const { rows } = await client.query('select count(*)::int as count from audit_logs')
    const [row] = rows as { count: number }[]
    const count = row?.count ?? 0
    return [
      `events/s, for ${took.toFixed(1)} s: ${Math.round((sent - before) / took)}`,
      `acknowledged: ${sent}, in the table: ${count}, lost: ${sent - count}`,
      `rows a statement: ${Math.round((sent - before) / counts.statements)}; through the spool: ${counts.spooled}; without a row: ${counts.gaps}`,
      `CPU of this process: ${((user + system) / (sent - before)).toFixed(1)} µs an event, senders included`,
      `record(), on the caller's path: ${cost.toFixed(2)} µs (median of ${bursts} bursts of ${burst})`,
    ]
  } finally {
    await test.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function costOfRecord(record: (entry: AuditEntry) => Promise<void>): Promise<number> {
  const costs: number[] = []
  for (let round = 0; round < bursts; round += 1) {
    const entries = Array.from({ length: burst }, (_, index) => entryOf(index))
    const began = performance.now()
    const recorded = entries.map(record)
    costs.push(((performance.now() - began) * 1000) / burst)
    await Promise.all(recorded)
  }
  return costs.sort((one, other) => one - other)[Math.floor(bursts / 2)] ?? Number.NaN
}
