import type { Database, Drizzle } from '#db/database.ts'
import { createKeyring, type Keyring } from '#db/keyring.ts'
import { demandMigrated } from '#db/migrate.ts'
import { type RowMacs, rowMacs, type SealKeys, sealKeys } from '../audit/index.ts'
import { platformClientId } from '../auth/index.ts'
import { readConfig } from '../config.ts'
import { openForCommand } from './database.ts'
import { environment } from './environment.ts'
import { keysOf } from './shell.ts'

/** The trail as a command sees it. */
export interface TrailAtHand {
  readonly database: Database
  readonly keyring: Keyring
  readonly macs: RowMacs
  readonly keys: SealKeys
}

/**
 * Does something with the trail, beside a running service or without one, and closes the database.
 * Writes nothing by itself: a role that may only read can verify.
 *
 * @throws {NotMigratedError} if the database has not the tables
 */
export async function withTrail<Result>(
  work: (trail: TrailAtHand) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environment())
  const database = await openForCommand(config)
  try {
    await demandMigrated(database.client)
    const keyring = createKeyring(await keysOf(config))
    return await work({
      database,
      keyring,
      macs: rowMacs(keyring),
      keys: await sealKeys(keyring),
    })
  } finally {
    await database.close()
  }
}

/** Whose events are those of no tenant, for a command that records one. */
export async function platformOf(db: Drizzle): Promise<() => string> {
  const id = (await platformClientId(db)) ?? ''
  return () => id
}
