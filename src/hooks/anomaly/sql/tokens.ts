import { endOfString, skipBlanks } from './blanks.ts'

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
}

const number = /0x[\da-f]*|0b[01]+|(?:\d+(?:\.\d*)*|\.\d+)(?:e[+-]?\d+|[ed](?=union\b))?|\\n(?!\w)/y
// Letters of all alphabets, but neither punctuation nor signs beyond ASCII.
const letter = '[a-z_$\\u00aa\\u00b5\\u00c0-\\u1fff\\u2c00-\\u2fef\\u3040-\\ud7ff\\uf900-\\ufdff]'
const word = new RegExp(`${letter}(?:${letter}|\\d)*(?:\\.{1,2}${letter}(?:${letter}|\\d)*)*`, 'y')
const bracketed = /\[[\w $.]{1,64}\]/y
const variable = /@@?[\w.$]*/y
const operator =
  /<=>|!~\*|->>|\|\||&&|<=|>=|<>|!=|==|<<|>>|:=|::|->|<@|@>|~\*|!~|\^=|!<|!>|[=<>+\-*/%^|&~!]/y

/** Words that may stand right before a quote: `n'…'`, `x'…'`, `_utf8'…'`. */
const isPrefix = (text: string): boolean => /^(?:[bnexqu]|nq|_\w{1,20})$/.test(text)

const marks = new Set(['(', ')', ',', ';', '{', '}'])

/** The token at or behind an index of a text in lower case. */
export function tokenAt(text: string, from: number): Token {
  const { at, veiled, comment } = skipBlanks(text, from)
  if (comment !== undefined) return token('comment', comment, at, text.length, veiled)
  if (at >= text.length) return token('end', '', at, at, veiled)
  const first = text[at] ?? ''
  if (marks.has(first)) return token('mark', first, at, at + 1, veiled)
  if (first === "'" || first === '"' || first === '`') return stringAt(text, at, at, veiled)
  return plainTokenAt(text, at, first, veiled)
}

const token = (
  kind: TokenKind,
  text: string,
  start: number,
  end: number,
  veiled: boolean,
  open = false,
): Token => ({ kind, text, start, end, open, veiled })

function stringAt(text: string, start: number, quote: number, veiled: boolean): Token {
  const end = endOfString(text, quote)
  if (end === undefined)
    return token('string', text.slice(quote + 1), start, text.length, veiled, true)
  // With its backticks, a quoted name is never mistaken for a keyword.
  if (text[quote] === '`') return token('word', text.slice(quote, end + 1), start, end + 1, veiled)
  return token('string', text.slice(quote + 1, end), start, end + 1, veiled)
}

function plainTokenAt(text: string, at: number, first: string, veiled: boolean): Token {
  const matched = (kind: TokenKind, pattern: RegExp): Token | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    return found === undefined ? undefined : token(kind, found, at, at + found.length, veiled)
  }
  if (first >= 'a' && first <= 'z') {
    const name = matched('word', word)
    if (name !== undefined && text[name.end] === "'" && isPrefix(name.text))
      return stringAt(text, at, name.end, veiled)
    if (name !== undefined) return name
  }
  return (
    (first === '@' && text[at + 1] !== '>' ? matched('variable', variable) : undefined) ??
    matched('operator', operator) ??
    matched('number', number) ??
    matched('word', word) ??
    (first === '[' ? matched('word', bracketed) : undefined) ??
    token('other', first, at, at + 1, veiled)
  )
}
