import { endOfString, isPlain, skipBlanks } from './blanks.ts'
import { endOfWord, isLetter, isSign } from './characters.ts'
import type { Source } from './source.ts'

/** What a token is; `comment` only names one that hides all the rest of the text. */
export type TokenKind =
  | 'number'
  | 'string'
  | 'word'
  | 'variable'
  | 'operator'
  | 'mark'
  | 'comment'
  | 'other'
  | 'end'
  /** Where reading stops, as it has gone on for too long. */
  | 'cut'

/** A piece of SQL, in lower case. */
export interface Token {
  readonly kind: TokenKind
  /** As it stands; of a string and a comment what is in it. */
  readonly text: string
  /** Where it begins. */
  readonly start: number
  /** Where it ends: the index behind it. */
  readonly end: number
  /** A string that nothing closes any more. */
  readonly open: boolean
  /** Whether a comment stands before it, where a space would do. */
  readonly veiled: boolean
  /** The one behind it, once it was looked at. */
  next: Token | undefined
}

const space = 32
const quote = 39
const doubleQuote = 34
const backtick = 96

const number =
  /0x[\da-f]*|0b[01]+|(?:\d+(?:\.\d*)*|\.\d+)(?:e[+-]?\d+|[ed](?=union\b)|e(?=\())?|\\n(?!\w)|\\n(?=(?:union|is|and|or|from|limit|like|in)\b)/y
const bracketed = /\[[\w $.]{1,64}\]/y
const variable = /@@?[\w.$]*/y
const operator =
  /<=>|!~\*|->>|\|\||&&|<=|>=|<>|!=|==|<<|>>|:=|::|->|<@|@>|~\*|!~|\^=|!<|!>|[=<>+\-*/%^|&~!]/y

/** Words that may stand right before a quote: `n'…'`, `x'…'`, `_utf8'…'`. */
const prefix = /^(?:[bnexqu]|nq|_\w{1,20})$/

/** The token at or behind an index. */
export function tokenAt(source: Source, from: number): Token {
  const { text, budget } = source
  let at = from
  while (text.charCodeAt(at) === space) at += 1
  if (isPlain(text.charCodeAt(at))) return plainTokenAt(source, at, false)
  const { at: start, comments, said } = skipBlanks(text, at)
  budget.left -= comments
  const veiled = comments > 0
  if (said !== undefined) return token('comment', said, start, text.length, veiled)
  if (start >= text.length) return token('end', '', start, start, veiled)
  return plainTokenAt(source, start, veiled)
}

/** The token behind another one. */
export const tokenBehind = (source: Source, before: Token): Token =>
  (before.next ??= tokenAt(source, before.end))

const token = (
  kind: TokenKind,
  text: string,
  start: number,
  end: number,
  veiled: boolean,
  open = false,
): Token => ({ kind, text, start, end, open, veiled, next: undefined })

function plainTokenAt({ text, budget }: Source, at: number, veiled: boolean): Token {
  budget.left -= 1
  if (budget.left < 0) return token('cut', '', at, at, veiled)
  const code = text.charCodeAt(at)
  if (isLetter(code)) return wordAt(text, at, veiled)
  if (code === quote || code === doubleQuote || code === backtick)
    return stringAt(text, at, at, veiled)
  if (isMark(code)) return token('mark', text.charAt(at), at, at + 1, veiled)
  return signAt(text, at, code, veiled)
}

/** Whether it is one of `( ) , ; { }`. */
const isMark = (code: number): boolean =>
  code === 40 || code === 41 || code === 44 || code === 59 || code === 123 || code === 125

/** A word, or a name of several with points between. */
function wordAt(text: string, start: number, veiled: boolean): Token {
  let end = endOfWord(text, start)
  while (text[end] === '.') {
    const next = text[end + 1] === '.' ? end + 2 : end + 1
    if (!isLetter(text.charCodeAt(next))) break
    end = endOfWord(text, next)
  }
  const name = text.slice(start, end)
  if (text.charCodeAt(end) === quote && prefix.test(name)) return stringAt(text, start, end, veiled)
  return token('word', name, start, end, veiled)
}

function stringAt(text: string, start: number, mark: number, veiled: boolean): Token {
  const end = endOfString(text, mark)
  if (end === undefined)
    return token('string', text.slice(mark + 1), start, text.length, veiled, true)
  // With its backticks, a quoted name is never mistaken for a keyword.
  if (text.charCodeAt(mark) === backtick)
    return token('word', text.slice(mark, end + 1), start, end + 1, veiled)
  return token('string', text.slice(mark + 1, end), start, end + 1, veiled)
}

/** A number, a variable, an operator, a name in brackets or what is none of SQL. */
function signAt(text: string, start: number, code: number, veiled: boolean): Token {
  const matched = (kind: TokenKind, pattern: RegExp): Token | undefined => {
    pattern.lastIndex = start
    if (!pattern.test(text)) return undefined
    const end = pattern.lastIndex
    return token(kind, text.slice(start, end), start, end, veiled)
  }
  const next = text.charCodeAt(start + 1)
  if (isSign(code) && code !== colon && !isSign(next) && next !== at)
    return token('operator', text.charAt(start), start, start + 1, veiled)
  return (
    (code === at && text[start + 1] !== '>' ? matched('variable', variable) : undefined) ??
    matched('operator', operator) ??
    matched('number', number) ??
    (code === bracket ? matched('word', bracketed) : undefined) ??
    token('other', text.charAt(start), start, start + 1, veiled)
  )
}

const colon = 58
const at = 64
const bracket = 91
