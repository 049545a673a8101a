import { codeOf } from '#db/errors.ts'
import type { AuditRow } from '../row.ts'

/** Adds rows, all or none. What is there already is left alone. */
export type InsertRows = (rows: readonly AuditRow[]) => Promise<void>

/** A row that the database will never take, and what it said. */
export interface RefusedRow {
  readonly row: AuditRow
  readonly error: unknown
}

/** Data exceptions, integrity, a limit of the program: the row is at fault, not the database. */
const faultsOfRows = /^(22|23|54)...$/

/**
 * Adds rows, and where the database refuses one for what is in it, all the others: a row that cannot
 * be written must not keep those back that came with it.
 *
 * @returns those that were refused
 * @throws what the database throws, where it would refuse other rows too
 */
export async function insertAround(
  insert: InsertRows,
  rows: readonly AuditRow[],
): Promise<readonly RefusedRow[]> {
  try {
    await insert(rows)
    return []
  } catch (error) {
    if (!faultsOfRows.test(codeOf(error) ?? '')) throw error
    const [only] = rows
    if (only !== undefined && rows.length === 1) return [{ row: only, error }]
    const middle = Math.ceil(rows.length / 2)
    const first = await insertAround(insert, rows.slice(0, middle))
    return [...first, ...(await insertAround(insert, rows.slice(middle)))]
  }
}
