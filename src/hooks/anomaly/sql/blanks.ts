/** What stands between the tokens of SQL: white space and comments; and where a string ends. */

const isBlank = (code: number): boolean =>
  code <= 32 ||
  code === 0xa0 ||
  (code >= 0x2000 && code <= 0x200f) ||
  code === 0x3000 ||
  code === 0xfeff

/** Whether a character is neither white space nor the beginning of a comment: most are like that. */
const isPlain = (code: number): boolean =>
  (code > 47 && code < 128) || (code > 35 && code < 42) || code === 44 || code === 34

/** What was skipped. */
export interface Skipped {
  /** Where the next token begins. */
  readonly at: number
  /** Whether there was a comment among it. */
  readonly veiled: boolean
  /** What a comment says that reaches to the end of the text. */
  readonly comment: string | undefined
}

/**
 * Skips white space and comments. MySQL runs what is in an executable comment, as in
 * `/*!50000 union` with its end behind, so only the marks of these are skipped.
 */
export function skipBlanks(text: string, from: number): Skipped {
  if (isPlain(text.charCodeAt(from))) return { at: from, veiled: false, comment: undefined }
  let at = from
  let lineComment: number | undefined
  let veiled = false
  for (;;) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at += 1
    const next = behindComment(text, at)
    if (next === at) break
    veiled = true
    if (next < 0) return { at, veiled, comment: text.slice(at + 2) }
    if (text[at] !== '/' && text[at] !== '*') lineComment ??= at
    at = next
  }
  if (at < text.length || lineComment === undefined) return { at, veiled, comment: undefined }
  const said = text.slice(lineComment + (text[lineComment] === '#' ? 1 : 2))
  return { at: lineComment, veiled, comment: said }
}

const executable = /\/\*![0-9]{0,6}/y

/** The index behind a comment that begins here: the same without one, -1 where it never ends. */
function behindComment(text: string, at: number): number {
  const first = text[at]
  const second = text[at + 1]
  if (first === '#' || (first === '-' && second === '-')) {
    const line = text.indexOf('\n', at)
    return line < 0 ? text.length : line + 1
  }
  if (first === '*' && second === '/') return at + 2
  if (first !== '/' || second !== '*') return at
  executable.lastIndex = at
  if (executable.test(text)) return executable.lastIndex
  const end = text.indexOf('*/', at + 2)
  return end < 0 ? -1 : end + 2
}

/** Where the quote is that ends a string: one behind a backslash or written twice does not. */
export function endOfString(text: string, quote: number): number | undefined {
  const mark = text.charCodeAt(quote)
  for (let i = quote + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 92) i += 1
    else if (code === mark && text.charCodeAt(i + 1) === mark) i += 1
    else if (code === mark) return i
  }
  return undefined
}
