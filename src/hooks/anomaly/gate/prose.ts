import { meaningOf } from '../shell/commands.ts'

/** What an apostrophe leaves of a word: it's, don't, they're. */
const contraction = /(?:s|t|re|ll|ve|d|m)\b/iy

/** A phrase in quotes between blanks, and no beginning of a condition. */
const quoted =
  /"(?!x?or\b|and\b|like\b|div\b|in\b|is\b)[a-z][\w ,.&!?-]{0,64}[a-z.!?]"(?=$|[\s.,:!?)])/iy

/** The word behind a sign that also parts commands and statements. */
const goingOn = / ([a-z][\w./-]{0,63})/iy

/** How statements of SQL begin. */
const statement =
  /^(?:alter|analyze|attach|begin|call|commit|copy|create|declare|delete|do|drop|exec\w*|explain|grant|if|insert|load|merge|print|replace|select|set|show|shutdown|truncate|update|use|vacuum|wait\w*|while|with)$/i

const blank = /\s/
const wordly = /\w/
const letter = /[a-z\u00e0-\u017e]/i
const digit = /\d/
const before = /[\w.!?]/
const behind = /^$|[\s.,!?:]/

/** By code: 2 for signs that nothing but code has, 1 for those that prose has in some places. */
const signs = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code)
  if (code < 32 || /[<>`|\\{}=*[\]^\u007f]/.test(sign)) return 2
  return /['"()%$&;]/.test(sign) ? 1 : 0
})

/**
 * Whether all remarkable characters of a text stand where they do in prose: apostrophes in a word,
 * asides in parentheses, percentages, prices, phrases in quotes, `&` and `;` before what begins
 * neither a command nor a statement. One apostrophe may be that of a name: one quote closes nothing.
 */
export function isProse(text: string): boolean {
  let names = 0
  let close = -1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const sign = code < 128 ? signs[code] : 0
    if (sign === 0 || at === close) continue
    if (sign === 2) return false
    if (code === 0x22) {
      close = closingQuote(text, at)
      if (close < 0) return false
    } else if (code === 0x27) {
      if (!isInWord(text, at)) return false
      if (!matches(contraction, text, at + 1) && ++names > 1) return false
    } else if (!isInPlace(text, at)) return false
  }
  return true
}

const isInWord = (text: string, at: number): boolean =>
  letter.test(text[at - 1] ?? '') && letter.test(text[at + 1] ?? '')

function closingQuote(text: string, at: number): number {
  if (at > 0 && !/[\s(]/.test(text[at - 1] ?? '')) return -1
  return matches(quoted, text, at) ? quoted.lastIndex - 1 : -1
}

/** Whether a sign other than a quote is where prose has it. */
function isInPlace(text: string, at: number): boolean {
  const last = text[at - 1] ?? ''
  const next = text[at + 1] ?? ''
  switch (text[at]) {
    case '(':
      return (at === 0 || blank.test(last)) && wordly.test(next)
    case ')':
      return before.test(last) && behind.test(next)
    case '%':
      return digit.test(last === ' ' ? (text[at - 2] ?? '') : last) && behind.test(next)
    case '$':
      return (at === 0 || blank.test(last)) && digit.test(next)
    case '&':
      return last === ' ' && before.test(text[at - 2] ?? '') && goesOn(text, at)
    default:
      return (before.test(last) || last === ')') && goesOn(text, at)
  }
}

/** Whether a sentence goes on behind a sign, rather than a command or a statement. */
function goesOn(text: string, at: number): boolean {
  goingOn.lastIndex = at + 1
  const next = goingOn.exec(text)?.[1]
  return next !== undefined && meaningOf(next) === undefined && !statement.test(next)
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
