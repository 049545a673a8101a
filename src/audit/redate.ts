/** Where rows go whose month the table does not have: into the present one, and say so. */
import type { Database } from '#db/database.ts'
import { DatabaseUnavailableError, QueryError } from '#db/errors.ts'
import { insertRows } from './insert.ts'
import type { AuditRow } from './row.ts'
import type { RowMacs } from './row-mac.ts'
import { sealedForm } from './sealed-form.ts'

type Client = Pick<Database['client'], 'query'>

/** What the database says of its months and of rows that have none. */
interface Present {
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: number
  /** `YYYY_MM`, of each partition. */
  readonly months: readonly string[]
  /** Ids of rows that are in the table, whatever their time. */
  readonly written: readonly string[]
}

/**
 * Adds rows as {@linkcode insertRows} does, and those too that a clock which jumped put into a month
 * that is not there, or a spool older than a month that was dropped. They get the database's present
 * time, `details.statedAt` says theirs (ISO 8601), and their MAC is made again.
 *
 * @throws {DatabaseUnavailableError} where the present has no month either: all rows have to wait
 * @throws what {@linkcode insertRows} throws
 */
export async function insertRedated(
  client: Client,
  macs: RowMacs,
  rows: readonly AuditRow[],
): Promise<void> {
  try {
    await insertRows(client, rows)
  } catch (error) {
    if (!lacksMonth(error)) throw error
    const { now, months, written } = await lookAt(client, rows)
    if (!months.includes(monthOf(new Date(now))))
      throw new DatabaseUnavailableError('The audit trail has no month for the present', {
        cause: error,
      })
    const fitting = rows.flatMap((row) => {
      if (months.includes(monthOf(row.createdAt))) return [row]
      // Sent again after its answer was lost: its key has another time by now.
      return written.includes(row.id) ? [] : [redated(row, new Date(now), macs)]
    })
    await insertRows(client, fitting)
  }
}

/** "No partition of relation found for row": of all check violations the only one without a name. */
const lacksMonth = (error: unknown): boolean =>
  error instanceof QueryError && error.code === '23514' && error.constraint === undefined

async function lookAt(client: Client, rows: readonly AuditRow[]): Promise<Present> {
  const text = `select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now,
    array(select substring(inhrelid::regclass::text from '(\\d{4}_\\d{2})"?$')
      from pg_inherits where inhparent = 'audit_logs'::regclass) as months,
    array(select id from audit_logs where id = any($1::uuid[])) as written`
  const result = await client.query({ text, values: [rows.map(({ id }) => id)] })
  const [present] = result.rows as readonly Present[]
  return present ?? { now: 0, months: [], written: [] }
}

const monthOf = (time: Date): string => time.toISOString().slice(0, 7).replace('-', '_')

function redated(row: AuditRow, createdAt: Date, macs: RowMacs): AuditRow {
  const details = { ...row.details, statedAt: row.createdAt.toISOString() }
  const moved = { ...row, createdAt, details }
  // A row that was forged in the spool must not come out of it with a MAC that is right.
  const ours = macs.check(sealedForm(row), row.mac) === 'right'
  return ours ? { ...moved, mac: macs.make(sealedForm(moved)) } : moved
}
