/** Names that a field takes beside numbers. */
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** A field: its lowest and highest number, and the names of these, from the lowest. */
type Field = readonly [low: number, high: number, names?: readonly string[]]

/** Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). */
const fields: readonly Field[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12, months],
  [0, 7, weekdays],
]

/**
 * Whether a text is a cron line of five fields: `*`, numbers, names of months and weekdays, ranges
 * (`1-5`), steps (`0-59/15`) and lists of these (POSIX crontab, with the steps and names of Vixie's).
 */
export function isCron(text: string): boolean {
  const parts = text.split(/\s+/)
  return (
    parts.length === fields.length &&
    parts.every((part, index) =>
      part.split(',').every((item) => isItem(item, fields[index] ?? [0, 0])),
    )
  )
}

function isItem(item: string, field: Field): boolean {
  const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(item) ?? []
  if (Number(step) < 1) return false
  if (range === '*') return true
  const ends = range.split('-').map((end) => numberOf(end, field))
  const [from = Number.NaN, to = from] = ends
  return ends.length <= 2 && from <= to
}

/** What a number or name stands for; `NaN` where the field has no such. */
function numberOf(text: string, [low, high, names = []]: Field): number {
  const name = names.indexOf(text.toLowerCase())
  const value = name >= 0 ? name + low : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return value >= low && value <= high ? value : Number.NaN
}
