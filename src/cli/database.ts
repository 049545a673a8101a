import { type Database, openDatabase } from '#db/database.ts'
import type { Config } from '../config.ts'

/**
 * Opens the database for one command, beside a running service or without one, the embedded one too.
 *
 * @throws what {@linkcode openDatabase} throws
 */
export const openForCommand = ({
  database,
  dataDir,
}: Pick<Config, 'database' | 'dataDir'>): Promise<Database> =>
  // One connection is enough, and leaves the service's limit alone.
  openDatabase({ settings: { ...database, poolMax: 1, poolMin: 0 }, dataDir, join: true })
