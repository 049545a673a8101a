/**
 * Most combining marks in a row. No word of any language has as many; a text with tens of thousands
 * would keep the process busy for seconds, since putting n of them in order takes n² steps.
 */
export const maxMarks = 30

/** Marks, and the two half-width ones of Katakana that become marks in NFKC. */
const tooManyMarks = new RegExp(String.raw`[\p{M}\uFF9E\uFF9F]{${maxMarks + 1}}`, 'u')

/**
 * Whether a text can be normalised in time that is linear in its length.
 *
 * Source: Unicode UAX #15 §13, Stream-Safe Text Format.
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(isStreamSafe('e\u0301'), true)
 * equal(isStreamSafe(`e${'\u0301'.repeat(31)}`), false)
 * ```
 */
export const isStreamSafe = (text: string): boolean => !tooManyMarks.test(text)
