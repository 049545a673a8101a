import type { Queries } from '../rows/read-rows.ts'

/** A span of `created_at`: its ends as PostgreSQL reads them, and for a month ISO 8601 too. */
export interface Span {
  readonly begins: string
  readonly ends: string
}

/** Whether a seal's month is one of the calendar's. */
export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text)

/** A month's span. @param month `YYYY-MM` */
export function spanOf(month: string): Span {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const next = number === 12 ? `${pad(year + 1, 4)}-01` : `${pad(year, 4)}-${pad(number + 1, 2)}`
  return { begins: firstInstant(month), ends: firstInstant(next) }
}

/** All the time that is in none of the months: before, between and after them. */
export function spansBetween(months: readonly string[]): Span[] {
  const spans: Span[] = []
  let begins = '-infinity'
  for (const month of [...months].sort()) {
    const span = spanOf(month)
    if (begins !== span.begins) spans.push({ begins, ends: span.begins })
    begins = span.ends
  }
  return [...spans, { begins, ends: 'infinity' }]
}

/** The months that have seals or a partition. */
export async function knownMonths(queries: Queries): Promise<string[]> {
  const { rows } = await queries.query(`
    select month from audit_seals
    union
    select replace(substring(inhrelid::regclass::text from '(\\d{4}_\\d{2})"?$'), '_', '-')
    from pg_inherits where inhparent = 'audit_logs'::regclass`)
  return (rows as readonly { readonly month: string | null }[])
    .map(({ month }) => month ?? '')
    .filter(isMonth)
    .sort()
}

const firstInstant = (month: string): string => `${month}-01T00:00:00Z`

const pad = (number: number, length: number): string => String(number).padStart(length, '0')
