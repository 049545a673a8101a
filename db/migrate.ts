import { readFile } from 'node:fs/promises'
import { codeOf, NotMigratedError } from './errors.ts'
import type { PooledClient } from './pg-client.ts'

/** A migration of drizzle-kit's journal. */
interface Migration {
  readonly tag: string
  readonly text: string
}

/** What {@linkcode migrate} did. */
export interface MigrationResult {
  /** How many migrations were new to this database. */
  readonly applied: number
  /** Months of the audit trail that were made. */
  readonly months: number
}

/** What the configuration has to say to a migration. */
export interface MigrateOptions {
  /**
   * Days that audit rows are kept at least: the database drops no month that is younger. Said by the
   * role that owns the tables; from any other it is not heard. @default as it was, at first 365
   */
  readonly auditRetentionDays?: number | undefined
}

/** Any number will do, as long as every replica takes the same. */
const lockKey = 0x63616c79

/** So many months of audit partitions are made ahead of the current one. */
const auditMonthsAhead = 3

const folder = new URL('./migrations/', import.meta.url)

/**
 * Brings the database to the state that this code expects, all or nothing, and makes the coming
 * months' audit partitions. Replicas that start together wait for the first one, whose lock ends
 * with its transaction: a session's lock would outlive it behind a transaction pooler.
 *
 * @throws {QueryError} if a migration fails; then nothing has changed
 */
export async function migrate(
  pool: PooledClient,
  { auditRetentionDays }: MigrateOptions = {},
): Promise<MigrationResult> {
  const migrations = await readMigrations()
  const client = await pool.connect({ label: 'migration', patient: true })
  try {
    await client.query('begin')
    // Waiting for another replica, and building an index, may both take long.
    await client.query('set local statement_timeout = 0')
    await client.query({ text: 'select pg_advisory_xact_lock($1)', values: [lockKey] })
    await ensureJournal(client)
    const { rows } = await client.query('select tag from caly_migrations')
    const known = new Set(rows.map((row) => (row as { tag: string }).tag))
    const pending = migrations.filter(({ tag }) => !known.has(tag))
    for (const { tag, text } of pending) {
      await client.query(text)
      await client.query({ text: 'insert into caly_migrations (tag) values ($1)', values: [tag] })
    }
    const { rows: made } = await client.query({
      text: 'select caly_ensure_audit_partitions($1) as made',
      values: [auditMonthsAhead],
    })
    if (auditRetentionDays !== undefined) await keepAuditFor(client, auditRetentionDays)
    await client.query('commit')
    const [{ made: months } = { made: 0 }] = made as readonly { readonly made: number }[]
    return { applied: pending.length, months }
  } finally {
    client.release()
  }
}

/** A role that may not create tables can still see that there is nothing to do. */
async function ensureJournal(client: Pick<PooledClient, 'query'>): Promise<void> {
  const { rows } = await client.query(`select to_regclass('caly_migrations') is not null as made`)
  if ((rows as readonly { readonly made: boolean }[])[0]?.made === true) return
  await client.query(
    'create table caly_migrations (tag text primary key, applied_at timestamptz not null default now())',
  )
}

async function keepAuditFor(client: Pick<PooledClient, 'query'>, days: number): Promise<void> {
  const { rows } = await client.query(
    `select has_table_privilege('audit_settings', 'UPDATE') as mine`,
  )
  if ((rows as readonly { readonly mine: boolean }[])[0]?.mine !== true) return
  await client.query({
    text: 'update audit_settings set retention_days = $1 where retention_days <> $1',
    values: [days],
  })
}

const undefinedTable = '42P01'

/**
 * For what only reads, and must not make tables.
 *
 * @throws {NotMigratedError} if a migration of this code is missing
 * @throws what the database throws
 */
export async function demandMigrated(client: Pick<PooledClient, 'query'>): Promise<void> {
  try {
    const values = [await latestMigration()]
    const text = 'select from caly_migrations where tag = $1'
    const { rows } = await client.query({ text, values })
    if (rows.length > 0) return
  } catch (error) {
    if (codeOf(error) !== undefinedTable) throw error
  }
  throw new NotMigratedError()
}

/** The tag of the last migration that this code brings: with it applied, all are. */
export async function latestMigration(): Promise<string> {
  const tag = (await readTags()).at(-1)
  if (tag === undefined) throw new Error('This build has no migrations')
  return tag
}

async function readMigrations(): Promise<Migration[]> {
  const tags = await readTags()
  return Promise.all(
    tags.map(async (tag) => ({ tag, text: await readFile(new URL(`${tag}.sql`, folder), 'utf8') })),
  )
}

async function readTags(): Promise<string[]> {
  const journal: { readonly entries: readonly { readonly tag: string }[] } = JSON.parse(
    await readFile(new URL('meta/_journal.json', folder), 'utf8'),
  )
  return journal.entries.map(({ tag }) => tag)
}
