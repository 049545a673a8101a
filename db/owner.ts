import { connectError } from './errors.ts'
import { type MigrateOptions, type MigrationResult, migrate } from './migrate.ts'
import { connectionParameters, PooledClient } from './pg-client.ts'
import { type ConnectionOptions, Pool } from './pool/index.ts'
import { parseTarget } from './target.ts'

/**
 * Migrates as the owner of the tables (`DATABASE_OWNER_URL`), and gives the service's own role the
 * rights that it needs and no more: it can add to the audit trail, and neither change nor remove.
 *
 * @param service the role that the service logs in as
 * @throws {QueryError} if a migration fails, or the role may not grant; then nothing has changed
 * @throws {DatabaseUnavailableError} if the owner cannot log in
 */
export async function migrateAsOwner(
  url: string,
  service: string,
  connection: Omit<ConnectionOptions, 'target'>,
  options: MigrateOptions = {},
): Promise<MigrationResult> {
  const target = parseTarget(url)
  const pool = new Pool({
    connection: { ...connection, target },
    limit: 1,
    min: 0,
    idleTimeout: 1000,
    waitTimeout: connection.connectTimeout,
    slowQuery: Number.POSITIVE_INFINITY,
  })
  try {
    await pool.start()
    const client = new PooledClient(connectionParameters(target), pool)
    const result = await migrate(client, options)
    if (target.user !== service)
      await client.query({ text: 'select caly_grant_service($1)', values: [service] })
    return result
  } catch (error) {
    throw connectError(error)
  } finally {
    await pool.close(1000)
  }
}
