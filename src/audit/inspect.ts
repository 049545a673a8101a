import type { Queries } from './rows/read-rows.ts'

/** What is known of the trail's tables. */
export interface TrailInspection {
  /** Whether the coming month has a partition: without one its first event fails. */
  readonly nextMonth: boolean
  /** Whether the service's own role could change what is written, if it did away with the triggers. */
  readonly alterable: boolean
}

/** Looks at the trail's tables, in the catalogs alone. */
export async function inspectTrail(queries: Queries): Promise<TrailInspection> {
  const { rows } = await queries.query(`
    select has_table_privilege('audit_logs', 'UPDATE') as alterable,
      to_regclass('audit_logs_' ||
        to_char(now() at time zone 'UTC' + interval '1 month', 'YYYY_MM')) is not null as next`)
  const [row] = rows as readonly { readonly alterable: boolean; readonly next: boolean }[]
  return { nextMonth: row?.next === true, alterable: row?.alterable !== false }
}
