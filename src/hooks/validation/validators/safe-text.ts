import { type } from 'arktype'
import { broken, type Rule, spokenAs } from '../rule.ts'
import { isStreamSafe, maxMarks } from './stream-safe.ts'

/** Options of {@linkcode safeText}. */
export interface SafeTextOptions {
  /** Fewest code points, after sanitising. @default 0 */
  readonly min?: number
  /** Most code points, after sanitising. */
  readonly max: number
  /** Whether it may have several lines and tabs. @default false */
  readonly lines?: boolean
}

/**
 * What a terminal obeys, what makes a text read otherwise than it is written (UTR #36 §2.5, the
 * "Trojan Source" of CVE-2021-42574), what nobody sees, and halves of characters. U+200C and U+200D
 * are not among them: Indic scripts, Persian and emoji are written with them.
 */
const refused = /[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF]/u
const refusedInLines =
  /[^\P{Cc}\n\t]|[\p{Cs}\u061C\u200B\u200E\u200F\u2028-\u202E\u2060\u2066-\u2069\uFEFF]/u

const marksRule: Rule = {
  code: 'marks',
  expected: `a text with at most ${maxMarks} combining marks in a row`,
}

/** UTF-16 units to a code point of the result, at most: NFC makes one of several. */
const unitsPerCodePoint = 8

/**
 * A text for people. It comes out in one spelling (NFC), without the space around it, lines ended
 * by LF. It is refused where it has control, direction or zero-width characters: to take them out
 * in silence would change what was written. So it is where more than 30 combining marks stand in a
 * row. Lengths are code points.
 *
 * What it may say is not judged: whoever shows it escapes it for the place where it is shown.
 *
 * Source: Unicode UAX #15 (NFC, and §13 for the marks), UTR #36 §2.5.
 *
 * @throws {RangeError} if the bounds are no whole numbers, or the wrong way round
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { type } from 'arktype'
 * const name = safeText({ min: 1, max: 100 })
 * equal(name(' Zoe\u0308 '), 'Zo\u00eb')
 * equal(name('invoice\u202Egnp.exe') instanceof type.errors, true)
 * ```
 */
export function safeText({ min = 0, max, lines = false }: SafeTextOptions) {
  if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && min <= max))
    throw new RangeError(`min and max must be whole numbers from low to high, got ${min}, ${max}`)
  const kinds = `control${lines ? ' (but line breaks and tabs)' : ''}, direction or zero-width`
  const length = min === 0 ? `at most ${max}` : `${min} to ${max}`
  const rule: Rule = { code: 'text', expected: `${length} characters, without ${kinds} characters` }
  const forbidden = lines ? refusedInLines : refused
  return type('string')
    .configure({ ...spokenAs(rule), ...(min > 0 && { minLength: min }), maxLength: max })
    .pipe((text, ctx) => {
      if (text.length > unitsPerCodePoint * max) return ctx.error(broken(rule))
      // Before the text is normalised: it is what keeps that linear.
      if (!isStreamSafe(text)) return ctx.error(broken(marksRule))
      const unified = (lines ? text.replaceAll(/\r\n?/g, '\n') : text).normalize('NFC')
      const clean = unified.trim()
      const size = codePoints(clean)
      // Before the trim, which would take a byte order mark for space.
      const fits = size >= min && size <= max && !forbidden.test(unified)
      return fits ? clean : ctx.error(broken(rule))
    })
}

/** How many code points a text has. */
function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
