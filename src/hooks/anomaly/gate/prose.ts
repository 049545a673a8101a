import { isCommandWord, meaningOf } from '../shell/commands.ts'

/** What an apostrophe leaves of a word: it's, don't, they're. */
const contraction = /(?:s|t|re|ll|ve|d|m)\b/iy

/** A phrase in quotes between blanks, and no beginning of a condition. */
const quoted =
  /"(?!x?or\b|and\b|like\b|div\b|in\b|is\b)[a-z][\w ,.&!?-]{0,64}[a-z.!?]"(?=$|[\s.,:!?)])/iy

/** The word behind a sign that also parts commands and statements. */
const goingOn = / ([a-z][\w./-]{0,63})/iy

/** The same of letters only, which is quicker to judge. */
const wordGoingOn = / [a-z]{1,24}(?![\w./-])/iy

/** How statements of SQL begin. */
const statement = new Set(
  'alter analyze attach begin call commit copy create declare delete do drop exec execute explain grant if insert load merge print replace select set show shutdown truncate update use vacuum wait waitfor while with'.split(
    ' ',
  ),
)

const sentenceEnd = /^$|[\s.,!?:]/

/** The classes of characters that stand beside signs, as bits by code. */
const letter = 1
const digit = 2
const word = 4
const blank = 8
const ending = 16
const closing = 32
const classes = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  const isIn = (pattern: RegExp, bit: number) => (pattern.test(character) ? bit : 0)
  return (
    isIn(/[a-z]/i, letter) |
    isIn(/\d/, digit) |
    isIn(/\w/, word) |
    isIn(/\s/, blank) |
    isIn(/[\w.!?]/, ending) |
    isIn(sentenceEnd, closing)
  )
})

/** Whether the character at a place is of one of the classes; beyond ASCII some letters are. */
function isOf(text: string, at: number, bits: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 128) return ((classes[code] ?? 0) & bits) !== 0
  return code >= 0xe0 && code <= 0x17e && (bits & letter) !== 0
}

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
  let closed = -1
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const sign = code < 128 ? signs[code] : 0
    if (sign === 0 || at === closed) continue
    if (sign === 2) return false
    if (code === 0x22) {
      closed = closingQuote(text, at)
      if (closed < 0) return false
    } else if (code === 0x27) {
      if (!isInWord(text, at)) return false
      if (!matches(contraction, text, at + 1) && ++names > 1) return false
    } else if (!isInPlace(text, at)) return false
  }
  return true
}

const isInWord = (text: string, at: number): boolean =>
  isOf(text, at - 1, letter) && isOf(text, at + 1, letter)

function closingQuote(text: string, at: number): number {
  if (at > 0 && !/[\s(]/.test(text[at - 1] ?? '')) return -1
  return matches(quoted, text, at) ? quoted.lastIndex - 1 : -1
}

/** Whether a sign other than a quote is where prose has it. */
function isInPlace(text: string, at: number): boolean {
  switch (text.charCodeAt(at)) {
    case open:
      return (at === 0 || isOf(text, at - 1, blank)) && isOf(text, at + 1, word)
    case close:
      return isOf(text, at - 1, ending) && isEnd(text, at + 1)
    case percent: {
      const last = text.charCodeAt(at - 1) === space ? at - 2 : at - 1
      return isOf(text, last, digit) && isEnd(text, at + 1)
    }
    case dollar:
      return (at === 0 || isOf(text, at - 1, blank)) && isOf(text, at + 1, digit)
    case ampersand:
      return text.charCodeAt(at - 1) === space && isOf(text, at - 2, ending) && goesOn(text, at)
    default:
      return (isOf(text, at - 1, ending) || text.charCodeAt(at - 1) === close) && goesOn(text, at)
  }
}

const isEnd = (text: string, at: number): boolean => at >= text.length || isOf(text, at, closing)

const space = 0x20
const dollar = 0x24
const percent = 0x25
const ampersand = 0x26
const open = 0x28
const close = 0x29

/** Whether a sentence goes on behind a sign, rather than a command or a statement. */
function goesOn(text: string, at: number): boolean {
  if (matches(wordGoingOn, text, at + 1)) {
    const word = text.slice(at + 2, wordGoingOn.lastIndex).toLowerCase()
    return !isCommandWord(word) && !statement.has(word)
  }
  goingOn.lastIndex = at + 1
  const next = goingOn.exec(text)?.[1]
  return next !== undefined && meaningOf(next) === undefined && !statement.has(next.toLowerCase())
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
