/**
 * A process that records events as fast as it is told to, and keeps books on a file: which it
 * began, which were acknowledged, which refused. Told by its environment: DATABASE_URL, SPOOL (a
 * folder), BOOK (a file), SPOOL_BYTES, ON_FULL, SENDERS, PAUSE (milliseconds between two events of a
 * sender). SIGTERM has it come to an end.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../../db/database.ts'
import { databaseSettings } from '../database.ts'
import { entryOf, openTestTrail } from './trail.ts'

const env = (name: string): string => process.env[name] ?? ''

/** A line that is in the file when this returns, whoever is killed a moment later. */
const book = openSync(env('BOOK'), 'a')
const note = (line: string) => writeSync(book, `${line}\n`)

const database = await openDatabase({
  settings: { ...databaseSettings, url: env('DATABASE_URL'), statementTimeout: 10_000 },
  dataDir: env('SPOOL'),
})
const { writer } = openTestTrail({
  client: database.client,
  folder: env('SPOOL'),
  limit: Number(env('SPOOL_BYTES') || 2 ** 26),
  onFull: env('ON_FULL') === 'drop' ? 'drop' : 'refuse',
})
await writer.start()
let stopping = false
process.on('SIGTERM', () => {
  stopping = true
})
process.stdout.write('ready\n')

async function send(): Promise<void> {
  while (!stopping) {
    const id = uuidv7()
    note(`+${id}`)
    try {
      await writer.record(entryOf(id), { id, at: Date.now() })
      note(`=${id}`)
    } catch {
      note(`-${id}`)
    }
    if (env('PAUSE') !== '') await sleep(Number(env('PAUSE')))
  }
}

await Promise.all(Array.from({ length: Number(env('SENDERS') || 50) }, send))
await writer.close(10_000)
await database.close()
closeSync(book)
process.exit(0)
