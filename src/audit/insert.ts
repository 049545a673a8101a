/**
 * The one statement that adds rows to the trail, of one text whatever their number, so that it is
 * parsed and planned once a connection. A row that is there already is left as it is.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Database, Executor } from '#db/database.ts'
import type { AuditRow } from './row.ts'

/** Name, type and value of each column that a writer gives. */
const columns: readonly (readonly [string, string, (row: AuditRow) => unknown])[] = [
  ['id', 'uuid', (row) => row.id],
  ['created_at', 'timestamptz', (row) => row.createdAt],
  ['event_type', 'text', (row) => row.eventType],
  ['severity', 'text', (row) => row.severity],
  ['outcome', 'text', (row) => row.outcome],
  ['client_id', 'uuid', (row) => row.clientId],
  ['actor_type', 'text', (row) => row.actorType],
  ['actor_id', 'text', (row) => row.actorId],
  ['ip', 'text', (row) => row.ip],
  ['user_agent', 'text', (row) => row.userAgent],
  ['request_id', 'text', (row) => row.requestId],
  ['trace_id', 'text', (row) => row.traceId],
  ['method', 'text', (row) => row.method],
  ['path', 'text', (row) => row.path],
  ['status_code', 'int', (row) => row.statusCode],
  ['resource_type', 'text', (row) => row.resourceType],
  ['resource_id', 'text', (row) => row.resourceId],
  ['details', 'jsonb', (row) => row.details],
  ['personal_salt', 'bytea', (row) => row.personalSalt],
  ['personal_commitment', 'bytea', (row) => row.personalCommitment],
  ['mac', 'bytea', (row) => row.mac],
]

const names = columns.map(([name]) => name).join(', ')
const into = `insert into audit_logs (${names}) select * from unnest(`
const end = ') on conflict do nothing'

const text = `${into}${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}${end}`

const valuesOf = (rows: readonly AuditRow[]): unknown[] =>
  columns.map(([, , value]) => rows.map(value))

/**
 * Adds rows on whichever connection is free.
 *
 * @throws {DatabaseLayerError} then nothing was written, or nobody knows; the same rows may be
 *   given again in either case
 */
export async function insertRows(
  client: Pick<Database['client'], 'query'>,
  rows: readonly AuditRow[],
): Promise<void> {
  await client.query({ text, values: valuesOf(rows), name: 'audit_insert' })
}

/** Adds rows within the transaction of whoever calls. @throws what the database throws */
export async function insertRowsWith(executor: Executor, rows: readonly AuditRow[]): Promise<void> {
  const values = valuesOf(rows)
  const parameters = columns.map(([, type], index): SQL => {
    // As one parameter: drizzle would write out a list.
    return sql`${sql.param(values[index])}::${sql.raw(type)}[]`
  })
  await executor.execute(sql`${sql.raw(into)}${sql.join(parameters, sql`, `)}${sql.raw(end)}`)
}
