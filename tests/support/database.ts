/** Databases for tests: real ones, each test file its own. */
import { cp, rm } from 'node:fs/promises'
import { type Database, type DatabaseOptions, openDatabase } from '../../db/database.ts'
import type { Config } from '../../src/config.ts'
import { administer } from './administer.ts'
import { scratchFolder } from './scratch.ts'
import { emptyCluster, migratedCluster, migratedTemplate } from './template.ts'

/** An open, migrated database that nobody else uses. */
export interface TestDatabase {
  readonly database: Database
  readonly settings: Config['database']
  /** Where an embedded one lives, and where keys may be kept. */
  readonly dataDir: string
  /** Closes it and removes every trace. */
  close(): Promise<void>
}

/** What a test may want otherwise. */
export interface TestDatabaseOptions
  extends Partial<Omit<DatabaseOptions, 'settings' | 'dataDir'>> {
  readonly settings?: Partial<Config['database']>
  /** Whether its tables are made. @default true */
  readonly migrate?: boolean
}

const server = process.env['TEST_DATABASE_URL']

/** Whether the tests run on a PostgreSQL server (`TEST_DATABASE_URL`); else on the embedded one. */
export const isPostgres = server !== undefined

/** Small and quick, since many are open at once. */
export const databaseSettings: Config['database'] = {
  url: undefined,
  listenUrl: undefined,
  ownerUrl: undefined,
  poolMax: 5,
  poolMin: 1,
  idleTimeout: 30_000,
  connectionTimeout: 10_000,
  statementTimeout: 30_000,
  slowQuery: 500,
  prepare: true,
}

/** Opens a database for tests. Close it, or it stays on the server. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const dataDir = await scratchFolder('caly-test-')
  const { migrate = true } = options
  if (server === undefined) await fillDataDir(dataDir, migrate)
  const fresh = await createScratchDatabase(migrate)
  const settings = {
    ...databaseSettings,
    url: fresh?.url,
    listenUrl: fresh?.url,
    ...options.settings,
  }
  const remove = async () => {
    await fresh?.drop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const database = await openDatabase({ ...options, settings, dataDir })
    // What is copied may be of another month.
    if (migrate) await database.migrate()
    return {
      database,
      settings,
      dataDir,
      async close() {
        await database.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/**
 * A database on the server of `TEST_DATABASE_URL`, with every table or empty; undefined where the
 * tests have no server.
 */
export async function createScratchDatabase(migrated = true) {
  if (server === undefined) return undefined
  const template = migrated ? await migratedTemplate(server, databaseSettings) : undefined
  return await createDatabase(server, template)
}

/** Makes a folder that of an embedded database, with every table or empty, without its slow first start. */
export async function fillDataDir(dataDir: string, migrated = true): Promise<void> {
  const cluster = await (migrated ? migratedCluster : emptyCluster)(databaseSettings)
  await cp(cluster, dataDir, { recursive: true })
}

/** What a running service wrote, read beside it. */
export async function openDatabaseOf({
  dataDir,
  env,
}: {
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
}) {
  const url = env['DATABASE_URL']
  const database = await openDatabase({
    settings: { ...databaseSettings, url },
    dataDir,
    join: true,
  })
  return {
    async query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]> {
      const { rows } = await database.client.query(text, values)
      return rows as Record<string, unknown>[]
    },
    /** Runs a statement in a transaction, and holds that open until the work is done. */
    holding<Result>(statement: string, work: () => Promise<Result>): Promise<Result> {
      return database.db.transaction(async (tx) => {
        await tx.execute(statement)
        return await work()
      })
    },
    close: () => database.close(),
  }
}

/** Creates a database on a server: empty, or a copy of one that nobody is connected to. */
export async function createDatabase(serverUrl: string, template?: string) {
  const name = `caly_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
  const copied = template === undefined ? '' : ` template ${template}`
  await administer(serverUrl, `create database ${name}${copied}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => administer(serverUrl, `drop database if exists ${name} with (force)`),
  }
}
