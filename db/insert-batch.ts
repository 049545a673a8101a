import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Executor } from './database.ts'

/** The wire protocol counts a statement's parameters in 16 bits. */
const maxParameters = 65_535

/** More rows than this in one statement gain nothing, and hold its memory. */
const maxRows = 1000

/**
 * Adds rows with as few statements as there can be, in order. On a transaction all rows are there
 * or none; on the database itself the statements before a failing one stay.
 *
 * @throws what the database throws
 */
export async function insertBatch<Table extends PgTable>(
  executor: Executor,
  table: Table,
  rows: readonly Table['$inferInsert'][],
): Promise<void> {
  const columns = Object.keys(getTableColumns(table)).length
  const size = Math.min(maxRows, Math.floor(maxParameters / columns))
  for (let start = 0; start < rows.length; start += size)
    await executor.insert(table).values(rows.slice(start, start + size))
}
