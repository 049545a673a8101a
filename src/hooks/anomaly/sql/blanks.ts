import { isBlank } from './characters.ts'

/** What stands between the tokens of SQL: white space and comments; and where a string ends. */

const hash = 35
const star = 42
const dash = 45
const slash = 47
const backslash = 92

/** Whether a character is neither white space nor the beginning of a comment: most are like that. */
export const isPlain = (code: number): boolean =>
  (code > slash && code < 128) || (code > hash && code < star) || code === 44 || code === 34

/** What was skipped. */
export interface Skipped {
  /** Where the next token begins. */
  readonly at: number
  /** How many comments there were. */
  readonly comments: number
  /** What a comment says that reaches to the end of the text. */
  readonly said: string | undefined
}

/** Comments between two tokens, at most: what is behind more of them is said by the last. */
const mostComments = 64

/**
 * Skips white space and comments. MySQL runs what is in an executable comment, as in
 * `/*!50000 union` with its end behind, so only the marks of these are skipped. Nothing is behind a
 * NUL at the end: it cuts the statement off.
 */
export function skipBlanks(text: string, from: number): Skipped {
  let at = from
  let cut: number | undefined
  let comments = 0
  for (;;) {
    const start = at
    while (isBlank(text.charCodeAt(at))) at += 1
    if (at === text.length && text.indexOf('\0', start) >= 0) cut ??= at
    const next = behindComment(text, at)
    if (next === at) break
    comments += 1
    if (next < 0 || comments > mostComments) return { at, comments, said: text.slice(at + 2) }
    const first = text.charCodeAt(at)
    if (first === hash) cut ??= at + 1
    else if (first === dash) cut ??= at + 2
    at = next
  }
  const said = at < text.length || cut === undefined ? undefined : text.slice(cut)
  return { at, comments, said }
}

const executable = /\/\*![0-9]{0,6}/y

/** The index behind a comment that begins here: the same without one, -1 where it never ends. */
function behindComment(text: string, at: number): number {
  const first = text.charCodeAt(at)
  const second = text.charCodeAt(at + 1)
  if (first === hash || (first === dash && second === dash)) {
    const line = text.indexOf('\n', at)
    return line < 0 ? text.length : line + 1
  }
  if (first === star && second === slash) return at + 2
  if (first !== slash || second !== star) return at
  executable.lastIndex = at
  if (executable.test(text)) return executable.lastIndex
  const end = text.indexOf('*/', at + 2)
  return end < 0 ? -1 : end + 2
}

/** Where the quote is that ends a string: one behind a backslash or written twice does not. */
export function endOfString(text: string, quote: number): number | undefined {
  const mark = text.charCodeAt(quote)
  if (!text.includes(text.charAt(quote), quote + 1)) return undefined
  for (let i = quote + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === backslash) i += 1
    else if (code === mark && text.charCodeAt(i + 1) === mark) i += 1
    else if (code === mark) return i
  }
  return undefined
}
