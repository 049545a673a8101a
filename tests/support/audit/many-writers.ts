/** Four processes that write and seal at the same time, and what the verifier says of it. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { openDatabase } from '../../../db/database.ts'
import {
  rowMacs,
  sealKeys,
  sealOnce,
  type VerifyReport,
  verifyTrail,
} from '../../../src/audit/index.ts'
import { secondOpinion } from '../../audit/second-verifier.ts'
import { databaseSettings } from '../database.ts'
import { trailKeyring } from './trail.ts'

/** How hard they write. */
export interface ManyWritersOptions {
  readonly url: string
  readonly processes: number
  readonly writers: number
  readonly seconds: number
}

/** What came of it. */
export interface ManyWriters {
  readonly acknowledged: number
  readonly report: VerifyReport
  /** What the second verifier found. */
  readonly second: readonly string[]
  /** The longest that a session was seen to wait for a lock, in milliseconds. */
  readonly longestLockWait: number
  /** What went wrong in the processes. */
  readonly faults: readonly string[]
}

const script = join(dirname(fileURLToPath(import.meta.url)), 'sealing-writer.ts')

/** Milliseconds between two looks at who waits. */
const lookInterval = 50

/** Runs them on an empty database, which is migrated first. */
export async function manyWriters(options: ManyWritersOptions): Promise<ManyWriters> {
  const { url, processes, writers, seconds } = options
  const settings = { ...databaseSettings, url }
  const database = await openDatabase({ settings, dataDir: '/nonexistent' })
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await database.migrate()
    const waits = watchLocks(sql)
    const told = await Promise.all(
      Array.from({ length: processes }, () => runWriter(url, writers, seconds)),
    )
    const longestLockWait = await waits.end()
    const { client } = database
    const keys = await sealKeys(trailKeyring)
    const macs = rowMacs(trailKeyring)
    while ((await sealOnce({ client, keys, macs, now: Date.now })).more);
    return {
      acknowledged: told.reduce((sum, { written }) => sum + written, 0),
      faults: told.flatMap(({ faults }) => faults),
      report: await verifyTrail({ client, macs, publicKeys: keys.publicKeys }),
      second: await secondOpinion(sql, keys.id),
      longestLockWait,
    }
  } finally {
    await sql.end()
    await database.close()
  }
}

interface Told {
  readonly written: number
  readonly faults: readonly string[]
}

function runWriter(url: string, writers: number, seconds: number): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], {
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: url,
        WRITERS: String(writers),
        SECONDS: String(seconds),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output))
      else reject(new Error(`A writer ended with ${code}`))
    })
  })
}

function watchLocks(sql: postgres.Sql) {
  let longest = 0
  let ended = false
  const watching = (async () => {
    while (!ended) {
      const [row] = await sql`
        select coalesce(max(extract(epoch from clock_timestamp() - waitstart)) * 1000, 0) as wait
        from pg_locks where not granted`
      longest = Math.max(longest, Number(row?.['wait'] ?? 0))
      await new Promise((resolve) => setTimeout(resolve, lookInterval))
    }
  })()
  return {
    async end(): Promise<number> {
      ended = true
      await watching
      return longest
    },
  }
}
