import type { Database } from '#db/database.ts'
import { createKeyring, type Keyring, loadDevelopmentKey } from '#db/keyring.ts'
import { directTrail } from '../audit/index.ts'
import {
  type AuthDependencies,
  type Client,
  findClient,
  passwordHasher,
  platformClientId,
} from '../auth/index.ts'
import { type Config, readConfig } from '../config.ts'
import { NotFoundError } from '../errors.ts'
import { openForCommand } from './database.ts'
import { environment } from './environment.ts'

/** A shell command acts as whoever may read the configuration. */
export const shell = { actorType: 'shell' } as const

/**
 * Does something with the database, beside a running service or without one, and closes it again.
 * Works on the embedded database too, also while a service has it open.
 */
export async function withDatabase<Result>(
  work: (dependencies: AuthDependencies) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(environment())
  const database = await openForCommand(config)
  try {
    await database.migrate()
    return await withDependencies(database, createKeyring(await keysOf(config)), work)
  } finally {
    await database.close()
  }
}

/** The same with a database that is open, and stays so. */
export async function withDependencies<Result>(
  { db, client }: Pick<Database, 'db' | 'client'>,
  keyring: Keyring,
  work: (dependencies: AuthDependencies) => Promise<Result>,
): Promise<Result> {
  const hasher = passwordHasher()
  try {
    const platform = (await platformClientId(db)) ?? ''
    const audit = directTrail({ client, keyring, platformClientId: () => platform })
    // Running replicas hear of it from the database itself.
    return await work({ db, audit, hasher, now: Date.now, onChange: () => undefined })
  } finally {
    await hasher.close()
  }
}

/** The keys of `ENCRYPTION_KEY`, or those that development keeps; in hex. */
export const keysOf = async ({
  encryptionKeys,
  dataDir,
}: Pick<Config, 'encryptionKeys' | 'dataDir'>): Promise<readonly string[]> =>
  encryptionKeys ?? [await loadDevelopmentKey(dataDir)]

/**
 * The client with an id.
 *
 * @throws {NotFoundError} if there is none
 */
export async function demandClient(
  { db }: Pick<AuthDependencies, 'db'>,
  id: string,
): Promise<Client> {
  const client = await findClient(db, id)
  if (client === undefined) throw new NotFoundError('There is no client with this id')
  return client
}
