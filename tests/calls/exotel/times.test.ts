import { expect, test } from 'bun:test'
import { formatTime, parseTime } from '../../../src/calls/exotel/times.ts'

const now = Date.UTC(2026, 11, 31)

test("Exotel's times are read as India's, whatever zone this machine is in", () => {
  expect(parseTime('2026-01-15 14:25:10', now)?.toISOString()).toBe('2026-01-15T08:55:10.000Z')
  expect(parseTime('2026-01-01 05:29:59', now)?.toISOString()).toBe('2025-12-31T23:59:59.000Z')
})

/** India's wall clock as ICU has it: the reference, which knows nothing of a fixed offset. */
const india = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  hourCycle: 'h23',
  weekday: 'short',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const shortMonths = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** One moment in every spelling that has been seen. */
function spellings(time: number) {
  const parts = india.formatToParts(time).map(({ type, value }) => [type, value] as const)
  const { weekday, year, month, day, hour, minute, second } = Object.fromEntries(parts)
  const clock = `${hour}:${minute}:${second}`
  const name = shortMonths[Number(month) - 1]
  return {
    plain: `${year}-${month}-${day} ${clock}`,
    others: [
      `${year}-${month}-${day}T${clock}`,
      `${year}-${month}-${day}T${clock}+05:30`,
      `${year}-${month}-${day} ${clock}+0530`,
      `${year}-${month}-${day} ${clock}.000`,
      `${weekday}, ${day} ${name} ${year} ${clock}`,
      `${Number(day)} ${name} ${year} ${clock}`,
      new Date(time).toISOString(),
      new Date(time).toISOString().replace('.000Z', 'Z'),
    ],
  }
}

/** Seconds of a day, in UTC: both midnights, the minutes beside them, and times of no meaning. */
const secondsOfDay = [0, 1, 12_345, 43_199, 66_599, 66_600, 66_601, 71_999, 86_399]

for (const [year, days] of [
  [2023, 365],
  [2024, 366],
] as const)
  test(`every day of ${year} is written and read right, in every spelling, several times a day`, () => {
    const later = Date.UTC(year + 2, 0)
    const seen = new Set<string>()
    for (let day = 0; day < days; day += 1)
      for (const second of secondsOfDay) {
        const time = Date.UTC(year, 0, 1 + day) + second * 1000
        const { plain, others } = spellings(time)
        expect(formatTime(new Date(time))).toBe(plain)
        for (const text of [plain, ...others])
          expect([text, parseTime(text, later)?.getTime()]).toEqual([text, time])
        seen.add(plain.slice(0, 10))
      }
    // India's days: all of the year, and the first one of the next.
    expect(seen.size).toBe(days + 1)
    expect(seen.has(`${year}-02-29`)).toBe(days === 366)
  })

test('every second of the hours about midnight, the end of a month and of a year is right', () => {
  for (const border of ['2023-12-31', '2024-02-28', '2024-02-29', '2023-02-28', '2023-04-30']) {
    const midnight = Date.parse(`${border}T18:30:00Z`)
    for (let time = midnight - 3600_000; time < midnight + 3600_000; time += 1000) {
      const { plain } = spellings(time)
      expect(formatTime(new Date(time))).toBe(plain)
      expect(parseTime(plain, now)?.getTime()).toBe(time)
    }
  }
})

test('times with an offset, and the worded ones of passthru, are read too', () => {
  expect(parseTime('2026-01-15T14:31:29+05:30', now)?.toISOString()).toBe(
    '2026-01-15T09:01:29.000Z',
  )
  expect(parseTime('2026-01-15T14:31:29Z', now)?.toISOString()).toBe('2026-01-15T14:31:29.000Z')
  expect(parseTime('Thu, 15 Jan 2026 14:31:59', now)?.toISOString()).toBe(
    '2026-01-15T09:01:59.000Z',
  )
})

for (const text of [
  '1970-01-01 05:30:00',
  '0001-01-01T00:00:00Z',
  '2026-02-30 10:00:00',
  '2025-02-29 10:00:00',
  '2026-01-15 24:00:00',
  '2026-01-15 10:60:00',
  '2999-01-01 00:00:00',
  'Thu, 31 Feb 2026 10:00:00',
  'soon',
  '',
])
  test(`"${text}" is not taken for a time`, () => expect(parseTime(text, now)).toBeUndefined())

test('a missing time is none', () => expect(parseTime(undefined, now)).toBeUndefined())
