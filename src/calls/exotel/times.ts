/**
 * Exotel's times: India's wall clock without an offset (documented: Status Callback, Call Details;
 * that it is India's for every account is assumed). India has no daylight saving: +05:30, always.
 */

const istOffset = 330 * 60_000
const local =
  /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/
/** `Wed, 23 Feb 2022 12:31:59`, as passthru's Created is written (seen in code). */
const worded = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})$/
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Before it no call of ours can be: the placeholders 1970-01-01 05:30:00 and 0001-01-01 are. */
const earliest = Date.UTC(2000, 0)
/** Clocks differ, but not by more. */
const tolerance = 24 * 3_600_000

/**
 * Reads one of Exotel's times.
 *
 * @param now milliseconds since the epoch: what lies more than a day after it is no time
 * @returns undefined for what is not a time: placeholders, days that no month has, other spellings
 */
export function parseTime(text: string | undefined, now: number): Date | undefined {
  const time = text === undefined ? undefined : milliseconds(text.trim())
  return time !== undefined && time >= earliest && time <= now + tolerance
    ? new Date(time)
    : undefined
}

/** Writes a time as Exotel does: India's wall clock, to the second. */
export const formatTime = (time: Date): string =>
  new Date(time.getTime() + istOffset).toISOString().slice(0, 19).replace('T', ' ')

function milliseconds(text: string): number | undefined {
  const iso = local.exec(text)
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, offset] = iso
    const time = utc([year, month, day, hour, minute, second].map(Number))
    return time === undefined ? undefined : time - offsetOf(offset)
  }
  const [, day, name = '', year, hour, minute, second] = worded.exec(text) ?? []
  const month = months.indexOf(name) + 1
  if (month === 0) return undefined
  const time = utc([Number(year), month, ...[day, hour, minute, second].map(Number)])
  return time === undefined ? undefined : time - istOffset
}

/** Refuses what `Date.UTC` would carry over: 30 February, 25 o'clock. */
function utc(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(time)
  const kept =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return kept && minute < 60 && second < 60 ? time : undefined
}

function offsetOf(text: string | undefined): number {
  if (text === undefined) return istOffset
  if (text === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(text) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
