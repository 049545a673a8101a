import { type Database, openDatabase } from '#db/database.ts'
import { createKeyring, type Keyring } from '#db/keyring.ts'
import { type RowMacs, rowMacs, type SealKeys, sealKeys } from '../audit/index.ts'
import { platformClientId } from '../auth/index.ts'
import { readConfig } from '../config.ts'
import { environment } from './environment.ts'
import { keysOf } from './shell.ts'

/** The trail as a command sees it. */
export interface TrailAtHand {
  readonly database: Database
  readonly keyring: Keyring
  readonly macs: RowMacs
  readonly keys: SealKeys
  readonly platformClientId: () => string
}

/** Does something with the trail, beside a running service or without one, and closes the database. */
export async function withTrail<Result>(
  work: (trail: TrailAtHand) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environment())
  const database = await openDatabase({
    settings: { ...config.database, poolMax: 1, poolMin: 0 },
    dataDir: config.dataDir,
    join: true,
  })
  try {
    await database.migrate()
    const keyring = createKeyring(await keysOf(config))
    const platform = (await platformClientId(database.db)) ?? ''
    return await work({
      database,
      keyring,
      macs: rowMacs(keyring),
      keys: await sealKeys(keyring),
      platformClientId: () => platform,
    })
  } finally {
    await database.close()
  }
}
