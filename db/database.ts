import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres'
import type { PgDatabase } from 'drizzle-orm/pg-core'
import type { Config } from '../src/config.ts'
import { type DatabaseCheck, databaseCheck } from './check.ts'
import { type Drizzle, drizzleOver } from './drizzle.ts'
import { type EmbeddedDatabase, joinEmbedded, openEmbedded } from './embedded/index.ts'
import { codeOf, DatabaseUnreachableError } from './errors.ts'
import { latestMigration, type MigrateOptions, type MigrationResult, migrate } from './migrate.ts'
import { migrateAsOwner } from './owner.ts'
import { Client, connectionParameters, PooledClient } from './pg-client.ts'
import {
  type ConnectionOptions,
  Pool,
  type PoolObserver,
  RepeatedTexts,
  watchOver,
} from './pool/index.ts'
import type * as schema from './schema/index.ts'
import { type DatabaseTarget, describeTarget, parseTarget } from './target.ts'

export type { DatabaseCheck } from './check.ts'
export type { Drizzle } from './drizzle.ts'
export type { PoolObserver, PoolStats } from './pool/index.ts'

/** The database or a transaction on it: whatever takes queries. */
export type Executor = PgDatabase<NodePgQueryResultHKT, typeof schema>

/** Options of {@linkcode openDatabase}. */
export interface DatabaseOptions {
  readonly settings: Config['database']
  /** Where the embedded database lives; used where `settings.url` is undefined. */
  readonly dataDir: string
  /** Whether to use the embedded database of a service that is running on the folder, if one is. */
  readonly join?: boolean
  /** Milliseconds after which a held connection is told to the observer. @default 10_000 */
  readonly heldTooLong?: number
  readonly observer?: PoolObserver
  /** Told what takes a while, in words for a person. */
  readonly onProgress?: (text: string) => void
}

/** An open database. */
export interface Database {
  readonly db: Drizzle
  /** The same connections in `pg`'s shape, for what brings its own SQL. */
  readonly client: PooledClient
  readonly pool: Pool
  readonly embedded: boolean
  /** Where it is, for connections beside the pool's. */
  readonly target: DatabaseTarget
  /** The class whose `query` every statement goes through: what instrumentation patches. */
  readonly Client: typeof Client
  /** The class whose `hold` every transaction goes through. */
  readonly PooledClient: typeof PooledClient
  /** Brings the tables to the state that this code expects. Safe in many replicas at once. */
  migrate(options?: MigrateOptions): Promise<MigrationResult>
  /** For readiness: never throws, answers within 800 ms, costs two statements a second at most. */
  check(): Promise<DatabaseCheck>
  /** @param timeoutMs after which work under way is cut off. @default 5000 */
  close(timeoutMs?: number): Promise<void>
}

/** Connecting takes a few round trips: what takes longer than this will not succeed. */
const connectTimeout = 5000

/** What the server's own limit on a statement gets on top before the client gives up. */
const deadlineMargin = 5000

/**
 * Opens the database at `settings.url`, or the embedded one, with a first connection made.
 *
 * @throws {DatabaseUnreachableError} if nothing can be reached there; the message says what to do
 * @throws {DataFolderLockedError} if another process has the embedded database's folder
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { settings, observer = {} } = options
  const place = await locate(options)
  const connection: ConnectionOptions = {
    target: place.target,
    connectTimeout: Math.min(connectTimeout, settings.connectionTimeout),
    // A pooler that keeps no prepared statements refuses this start-up parameter, too.
    statementTimeout: settings.prepare && !place.embedded ? settings.statementTimeout : undefined,
    prepare: settings.prepare,
    repeated: new RepeatedTexts(),
  }
  const pool = new Pool({
    connection,
    limit: settings.poolMax,
    min: settings.poolMin,
    idleTimeout: settings.idleTimeout,
    waitTimeout: settings.connectionTimeout,
    slowQuery: settings.slowQuery,
    ...(options.heldTooLong !== undefined && { heldTooLong: options.heldTooLong }),
    observer,
  })
  try {
    await pool.start()
  } catch (error) {
    await pool.close(0)
    await place.own?.close()
    throw unreachable(place.target, error)
  }
  const stopWatching = watchOver(pool, {
    connection,
    deadline: settings.statementTimeout + deadlineMargin,
    ask: !place.embedded,
  })
  const client = new PooledClient(connectionParameters(place.target), pool)
  const health = databaseCheck({
    connection,
    latestMigration: await latestMigration(),
    embedded: place.embedded,
  })
  return {
    db: drizzleOver(client),
    client,
    pool,
    embedded: place.embedded,
    target: place.target,
    Client,
    PooledClient,
    migrate: (wanted) =>
      settings.ownerUrl === undefined
        ? migrate(client, wanted)
        : migrateAsOwner(settings.ownerUrl, place.target.user, connection, wanted),
    check: () => health.check(),
    async close(timeoutMs = 5000) {
      await pool.close(timeoutMs)
      stopWatching()
      health.close()
      await place.own?.close()
    },
  }
}

interface Place {
  readonly target: DatabaseTarget
  readonly embedded: boolean
  /** The embedded database, where it is ours to close. */
  readonly own?: EmbeddedDatabase
}

async function locate(options: DatabaseOptions): Promise<Place> {
  const { settings, dataDir, join = false, observer, onProgress } = options
  if (settings.url !== undefined) return { target: parseTarget(settings.url), embedded: false }
  const running = join ? await joinEmbedded(dataDir) : undefined
  if (running !== undefined) return { target: running, embedded: true }
  onProgress?.(`Opening the embedded database in ${dataDir}`)
  const own = await openEmbedded({ dataDir, onDeath: (error) => observer?.onBroken?.(error) })
  return { target: own.target, embedded: true, own }
}

/** One sentence: where, what is wrong, what to do. */
function unreachable(target: DatabaseTarget, error: unknown): DatabaseUnreachableError {
  const code = codeOf(error)
  return new DatabaseUnreachableError(
    `PostgreSQL at ${describeTarget(target)} cannot be used: ${explain(code, target)}`,
    { code, cause: error },
  )
}

function explain(code: string | undefined, { database }: DatabaseTarget): string {
  if (code !== undefined && /CERT|ALTNAME/.test(code))
    return `its certificate is not trusted (${code}). Name its authority with sslrootcert in DATABASE_URL`
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return 'nothing listens there. Start it, or correct DATABASE_URL'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host. Correct DATABASE_URL'
    case '28P01':
    case '28000':
      return 'it refuses the user or the password. Correct DATABASE_URL'
    case '3D000':
      return `it has no database "${database}". Create it, or correct DATABASE_URL`
    case '08P01':
      return 'it refuses a setting of the connection, as transaction poolers do. Set DB_PREPARE=off'
    case '53300':
      return 'it has no connection left. Raise max_connections, or lower DB_POOL_MAX'
    case 'CONNECT_TIMEOUT':
      return 'it does not answer. Check the network between here and there, and DATABASE_URL'
    default:
      return `it does not accept the connection${code === undefined ? '' : ` (${code})`}. Check DATABASE_URL and the server's log`
  }
}
