/** Databases for tests: real ones, each test file its own. */
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type Database, type DatabaseOptions, openDatabase } from '../../db/database.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Config } from '../../src/config.ts'

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
  const dataDir = await mkdtemp(join(tmpdir(), 'caly-test-'))
  if (server === undefined) await cp(await emptyCluster(), dataDir, { recursive: true })
  const fresh = server === undefined ? undefined : await createDatabase(server)
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
    if (options.migrate ?? true) await database.migrate()
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

/** An empty database on the server of `TEST_DATABASE_URL`; undefined where the tests have none. */
export async function createScratchDatabase() {
  return server === undefined ? undefined : createDatabase(server)
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

/**
 * A data folder as the embedded database leaves it at its very first start, which takes seconds:
 * made once a machine, and copied. Of those who make it at the same time one keeps it.
 */
export async function emptyCluster(): Promise<string> {
  const kept = join(tmpdir(), `caly-test-cluster-${manifest.dependencies['@electric-sql/pglite']}`)
  if (existsSync(kept)) return kept
  const made = await mkdtemp(join(tmpdir(), 'caly-test-'))
  const database = await openDatabase({ settings: databaseSettings, dataDir: made })
  await database.close()
  await rename(made, kept).catch(() => rm(made, { recursive: true, force: true }))
  return kept
}

/** Creates an empty database on a server. */
export async function createDatabase(serverUrl: string) {
  const name = `caly_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
  await administer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => administer(serverUrl, `drop database if exists ${name} with (force)`),
  }
}

async function administer(serverUrl: string, statement: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
