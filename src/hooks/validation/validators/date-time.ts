import { type } from 'arktype'
import { type Rule, spokenAs } from '../rule.ts'

const time: Rule = { code: 'date_time', expected: 'a time such as 2026-01-31T09:30:00.000Z' }
const timeOrDay: Rule = {
  code: 'date_time',
  expected: 'an ISO 8601 date, or a time with its offset',
}

/** The times that both JSON's spelling and PostgreSQL know: the years 1 to 9999, in UTC. */
const earliest = Date.parse('0001-01-01T00:00:00.000Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

const dayForm = /^\d{4}-\d\d-\d\d$/
const timeForm =
  /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/**
 * A time of ISO 8601 with its offset; without one it would mean another time in another place.
 * A day that the calendar has, within the years 1 to 9999 in UTC. No leap second: neither
 * JavaScript nor PostgreSQL keeps one. It comes out with `T` and `Z` as capitals.
 *
 * Source: RFC 3339 §5.6, which is ISO 8601 with less to choose from; seconds may be left out.
 *
 * @example The 30th of February is no day
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(dateTime.allows('2026-01-31T09:30:00+05:30'), true)
 * equal(dateTime.allows('2026-02-30T09:30:00Z'), false)
 * equal(dateTime.allows('2026-01-31T09:30:00'), false)
 * ```
 */
export const dateTime = type('string <= 40')
  .narrow((text) => isTime(capitals(text)))
  .configure({ ...spokenAs(time), format: 'date-time' })
  .pipe(capitals)

/** A {@linkcode dateTime}, or a day (`2026-01-31`), which stands for its beginning in UTC. */
export const dateOrDateTime = type('string <= 40')
  .narrow((text) => isTime(capitals(text)) || isDay(text))
  .configure(spokenAs(timeOrDay))
  .pipe(capitals)

/** RFC 3339 §5.6 allows `t` and `z`; not every `Date.parse` and no cursor takes them for the same. */
function capitals(text: string): string {
  return text.toUpperCase()
}

function isTime(text: string): boolean {
  return timeForm.test(text) && isInCalendar(text) && isWithin(text)
}

function isDay(text: string): boolean {
  return dayForm.test(text) && isInCalendar(text) && isWithin(text)
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10)
  const begin = Date.parse(day)
  return !Number.isNaN(begin) && new Date(begin).toISOString().startsWith(day)
}

/** The offset may lead out of the years that four digits can say. */
function isWithin(text: string): boolean {
  const moment = Date.parse(text)
  return moment >= earliest && moment <= latest
}
