/**
 * A process with so many writers, half of whom commit late, that seals beside them. Told by its
 * environment: DATABASE_URL, WRITERS, SECONDS. Prints how many events were acknowledged.
 */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../../db/database.ts'
import { directTrail, rowMacs, sealKeys, startSealing } from '../../../src/audit/index.ts'
import { databaseSettings } from '../database.ts'
import { entryOf, trailClientId, trailKeyring } from './trail.ts'

const env = (name: string): string => process.env[name] ?? ''
const writers = Number(env('WRITERS'))

const database = await openDatabase({
  settings: { ...databaseSettings, url: env('DATABASE_URL'), poolMax: writers + 2, poolMin: 1 },
  dataDir: '/nonexistent',
})
const { client, db } = database
const trail = directTrail({ client, keyring: trailKeyring, platformClientId: () => trailClientId })
const faults: string[] = []
const sealing = startSealing({
  client,
  keys: await sealKeys(trailKeyring),
  macs: rowMacs(trailKeyring),
  now: Date.now,
  interval: 100,
  onSeal: () => undefined,
  onError: (error) => faults.push(String(error)),
})

let written = 0
const end = performance.now() + Number(env('SECONDS')) * 1000

/** Writes, and holds its transaction open for a while: younger ones commit first. */
async function write(late: boolean): Promise<void> {
  while (performance.now() < end) {
    await db.transaction(async (tx) => {
      await trail.recordWith(tx, entryOf(written))
      if (late) await sleep(Math.random() * 50)
    })
    written += 1
  }
}

await Promise.all(Array.from({ length: writers }, (_, index) => write(index % 2 === 0)))
await sealing.close()
await database.close()
process.stdout.write(`${JSON.stringify({ written, faults })}\n`)
