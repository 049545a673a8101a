import { desc } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { createKeyring, type Keyring } from '#db/keyring.ts'
import { auditSeals } from '#db/schema/index.ts'
import { sealKeys } from '../audit/index.ts'
import { type Reencrypted, reencrypt } from '../calls/index.ts'
import { readConfig } from '../config.ts'
import type { Command } from './command.ts'
import { environment, print } from './environment.ts'
import { keysOf, shell, withDatabase } from './shell.ts'

/** `caly keys reencrypt` */
export const reencryptCommand: Command = {
  usage: '',
  help: () =>
    [
      'The third step of a rotation, beside the running service:',
      '  1. ENCRYPTION_KEY=old,new on every replica',
      '  2. ENCRYPTION_KEY=new,old on every replica, and for this command',
      '  3. caly keys reencrypt',
      '  4. ENCRYPTION_KEY=new on every replica, a day later',
      'Every sealed row is opened, so that exit code 0 proves that the first key is enough. Where it',
      'is cut off, run it again. Exit code 1: a row cannot be opened, or another process still',
      'seals with an older key. See docs/rotation.md.',
    ].join('\n'),
  options: {},
  async run() {
    const keys = await keysOf(readConfig(environment()))
    if (keys.length === 1) print('ENCRYPTION_KEY has one key: all rows are checked against it')
    const keyring = createKeyring(keys)
    const progress = progressLines()
    const tables = await withDatabase(async ({ db, audit }) => {
      const done = await reencrypt({ db, keyring, onProgress: progress })
      if (await isForeign(db, keyring)) {
        print('ENCRYPTION_KEY is not that of this audit trail: nothing was recorded in it')
        return done
      }
      const [rewritten, unreadable, left] = [
        sum(done, (table) => table.rewritten),
        sum(done, (table) => table.unreadable.length),
        sum(done, (table) => table.left),
      ]
      for (const { table, rewritten: count } of done)
        if (count > 0)
          await audit.record({
            event: 'DATA_UPDATED',
            origin: shell,
            details: { of: table, count },
          })
      await audit.record({
        event: 'KEYS_REENCRYPTED',
        origin: shell,
        details: { rewritten, unreadable, left },
      })
      return done
    })
    for (const table of tables) for (const line of report(table)) print(line)
    return tables.every(({ unreadable, left }) => unreadable.length === 0 && left === 0) ? 0 : 1
  },
}

/**
 * Whether no key of the ring has signed the last seal. A row that such a ring writes would count as
 * forged for ever, and the command is also how somebody finds out that a key is the wrong one.
 */
async function isForeign(db: Drizzle, keyring: Keyring): Promise<boolean> {
  const { publicKeys } = await sealKeys(keyring)
  const [head] = await db
    .select({ keyId: auditSeals.keyId })
    .from(auditSeals)
    .orderBy(desc(auditSeals.position))
    .limit(1)
  return head !== undefined && !publicKeys.has(head.keyId)
}

const sum = (tables: readonly Reencrypted[], count: (table: Reencrypted) => number): number =>
  tables.reduce((total, table) => total + count(table), 0)

/** Rows named at most: the rest of a lost key's is no news. */
const named = 10

function report({ table, rewritten, unreadable, left }: Reencrypted): string[] {
  const lines = [`${table}: ${rewritten} rows sealed anew`]
  if (left > 0)
    lines.push(
      `  ${left} rows still needed an older key: does a replica put another key first? Run this again`,
    )
  if (unreadable.length > 0) {
    lines.push(`  ${unreadable.length} rows cannot be opened: is a key missing?`)
    lines.push(...unreadable.slice(0, named).map((name) => `    ${name}`))
  }
  return lines
}

/** Milliseconds between two lines of progress. */
const interval = 5000

function progressLines() {
  let told = performance.now()
  return (table: string, { checked, rewritten }: { checked: number; rewritten: number }) => {
    if (performance.now() - told < interval) return
    told = performance.now()
    print(`${table}: ${checked} rows checked, ${rewritten} sealed anew`)
  }
}
