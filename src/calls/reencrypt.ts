/**
 * The last step of a rotation of `ENCRYPTION_KEY`: what older keys sealed is sealed by the first one,
 * beside running replicas, so that the older keys can go (docs/rotation.md).
 */
import type { Drizzle } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import { answerTable, callTable, type SealedTable, webhookTable } from './sealed-tables.ts'
import { vault } from './vault.ts'

/** What a rotation needs. */
export interface ReencryptOptions {
  readonly db: Drizzle
  /** Its first key is the one to move to. */
  readonly keyring: Keyring
  /** Hears of each page, about every hundred rows. */
  readonly onProgress?: (table: string, progress: Readonly<Progress>) => void
  /** Stops after the page at hand. What was moved stays moved. */
  readonly signal?: AbortSignal
}

/** How far a pass over a table has come. */
export interface Progress {
  /** Rows that were opened. */
  readonly checked: number
  readonly rewritten: number
}

/** How one table ended. */
export interface Reencrypted {
  readonly table: string
  readonly rewritten: number
  /** Rows that no key of the ring opens, by name: they need a key that is missing, or are damaged. */
  readonly unreadable: readonly string[]
  /** Rows that still needed an older key in the last pass: another process keeps writing them so. */
  readonly left: number
}

/** Rows locked at a time: a few milliseconds, in which whoever wants one of them waits. */
const pageSize = 100

/**
 * Passes over a table: one moves its rows, the next proves that none is left. A row that was in use
 * takes another one; replicas that put an older key first would make them endless.
 */
const maxPasses = 5

/**
 * Moves all sealed rows to the first key. Opens every row, the moved ones too, so that its end
 * proves that this key is enough. Can be cut off at any time and run again; safe at the same time
 * as requests and as itself: it never waits for a row, and nobody waits for it longer than a page.
 *
 * @throws what the database throws, and the signal's reason
 */
export async function reencrypt(options: ReencryptOptions): Promise<readonly Reencrypted[]> {
  const keys = vault(options.keyring)
  return [
    await move(options, answerTable(keys)),
    await move(options, webhookTable(keys)),
    await move(options, callTable(keys)),
  ]
}

async function move<Row, Columns>(
  options: ReencryptOptions,
  table: SealedTable<Row, Columns>,
): Promise<Reencrypted> {
  let rewritten = 0
  for (let passes = 1; ; passes += 1) {
    const pass = await passOver(options, table)
    rewritten += pass.rewritten
    const left = pass.rewritten + pass.busy
    if (left === 0 || passes === maxPasses)
      return { table: table.name, rewritten, unreadable: pass.unreadable, left }
  }
}

interface Pass extends Progress {
  /** Rows that others held or changed meanwhile: they are for the next pass. */
  readonly busy: number
  readonly unreadable: readonly string[]
}

async function passOver<Row, Columns>(
  { db, onProgress, signal }: ReencryptOptions,
  table: SealedTable<Row, Columns>,
): Promise<Pass> {
  let [checked, rewritten, busy] = [0, 0, 0]
  const unreadable: string[] = []
  let after: Row | undefined
  for (;;) {
    signal?.throwIfAborted()
    const page = await table.page(db, after, pageSize)
    if (page.length === 0) return { checked, rewritten, busy, unreadable }
    const old = page.filter((row) => {
      try {
        return table.renew(row) !== undefined
      } catch {
        unreadable.push(table.nameOf(row))
        return false
      }
    })
    const moved = await rewrite(db, table, old)
    checked += page.length
    rewritten += moved
    busy += old.length - moved
    onProgress?.(table.name, { checked, rewritten })
    after = page.at(-1)
  }
}

/** Rows are read again under their lock: what was read before may have been changed or erased. */
async function rewrite<Row, Columns>(
  db: Drizzle,
  table: SealedTable<Row, Columns>,
  rows: readonly Row[],
): Promise<number> {
  if (rows.length === 0) return 0
  return await db.transaction(async (tx) => {
    let count = 0
    for (const row of await table.lock(tx, rows)) {
      const columns = table.renew(row)
      if (columns === undefined) continue
      await table.write(tx, row, columns)
      count += 1
    }
    return count
  })
}
