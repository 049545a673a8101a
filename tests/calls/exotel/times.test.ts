import { expect, test } from 'bun:test'
import { formatTime, parseTime } from '../../../src/calls/exotel/times.ts'

const now = Date.UTC(2026, 11, 31)

test("Exotel's times are read as India's, whatever zone this machine is in", () => {
  expect(parseTime('2026-01-15 14:25:10', now)?.toISOString()).toBe('2026-01-15T08:55:10.000Z')
  expect(parseTime('2026-01-01 05:29:59', now)?.toISOString()).toBe('2025-12-31T23:59:59.000Z')
})

test('every hour of a year survives being written and read', () => {
  for (let time = Date.UTC(2024, 1, 28); time < Date.UTC(2025, 2, 2); time += 3_600_000)
    expect(parseTime(formatTime(new Date(time)), now)?.getTime()).toBe(time)
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
