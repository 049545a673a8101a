/** Tables as text (RFC 4180) that a spreadsheet can open without obeying them. */

/**
 * What makes a spreadsheet take a cell for a formula: an operator (in full width too), or a tab or
 * line break, behind which Excel looks for one (OWASP, "CSV Injection").
 */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/**
 * A line of a table with its end. A text that a spreadsheet would run gets an apostrophe in front,
 * which is then part of it: NDJSON has every text as it is. Every text is quoted, so that it stays
 * one cell where a spreadsheet takes a semicolon or a tab for the separator.
 *
 * @example Nothing that somebody typed is run, and nothing breaks the table
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(csvLine(['=1+1', 'a "b", c', null, 7]), `"'=1+1","a ""b"", c",,7\r\n`)
 * ```
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = formula.test(value) ? `'${value}` : value
  return `"${text.replaceAll('"', '""')}"`
}
