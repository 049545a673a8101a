import { endOfWord, isBlank, isLetter, isSpelling } from './characters.ts'
import { continuationOf } from './continuations.ts'
import { isAttackCall, startsStatement } from './words.ts'

/** Quotes that a value may have been put between. */
export type Quote = "'" | '"' | '`'

/** A place in a text from which on it may be read as code. */
export interface Context {
  /** What is in the string up to the way out. */
  readonly head: string
  /** The quote that ends the value. */
  readonly quote: Quote
  /** Where the code begins. */
  readonly at: number
  /** Whether it looks as if a quotation began with it, rather than ended. */
  readonly opens: boolean
}

const quotes = ["'", '"', '`'] as const

/**
 * The quotes of a text that may end the value that it is: of each kind the first, the first that is
 * no apostrophe within a word, and one right behind it, since a filter may have doubled it.
 */
export function quotesOf(text: string): readonly Context[] {
  const contexts: Context[] = []
  for (const quote of quotes) addQuotes(contexts, text, quote, false)
  return contexts
}

/**
 * Those that end it, and open nothing: one that opens a quotation, as in `the word 'or' is`, has a
 * space before it and none behind it.
 */
export function waysOut(text: string): readonly Context[] {
  const contexts: Context[] = []
  for (const quote of quotes) addQuotes(contexts, text, quote, true)
  return contexts
}

function addQuotes(contexts: Context[], text: string, quote: Quote, onlyOut: boolean): void {
  const first = text.indexOf(quote)
  if (first < 0) return
  addQuote(contexts, text, quote, first, onlyOut)
  const outside = firstOutsideOfWords(text, quote, first)
  if (outside > first) addQuote(contexts, text, quote, outside, onlyOut)
  if (onlyOut || text[first + 1] !== quote) return
  contexts.push({ head: text.slice(0, first + 1), quote, at: first + 2, opens: true })
  const single = firstSingle(text, quote, first)
  if (single > first) addQuote(contexts, text, quote, single, onlyOut)
}

function addQuote(
  contexts: Context[],
  text: string,
  quote: Quote,
  at: number,
  onlyOut: boolean,
): void {
  const opens = opensQuotation(text, at)
  if (!opens || !onlyOut) contexts.push({ head: text.slice(0, at), quote, at: at + 1, opens })
}

/** The first quote that is not written twice, as one within a string is. */
function firstSingle(text: string, quote: Quote, first: number): number {
  let at = first
  for (let i = 0; i < mostApostrophes && at >= 0; i += 1) {
    if (text[at + 1] !== quote) return at
    at = text.indexOf(quote, at + 2)
  }
  return -1
}

/** How many apostrophes are looked at: nobody breaks out of a text behind so many. */
const mostApostrophes = 16

function firstOutsideOfWords(text: string, quote: Quote, first: number): number {
  let at = first
  for (let i = 0; i < mostApostrophes && at >= 0; i += 1) {
    if (!isSpelling(text.charCodeAt(at - 1)) || !isSpelling(text.charCodeAt(at + 1))) return at
    at = text.indexOf(quote, at + 1)
  }
  return -1
}

/** Signs that no quotation begins with, as a rule; a dash and a slash may, alone. */
const breaking = ';)|&=,#*+<>^%'
const breakingPair = /--|-\d|\/\*/y

/** Spaces before a quotation, at most. */
const mostSpaces = 3

function opensQuotation(text: string, at: number): boolean {
  if (at + 1 >= text.length || isBlank(text.charCodeAt(at + 1))) return false
  if (breaking.includes(text.charAt(at + 1))) return false
  breakingPair.lastIndex = at + 1
  if (breakingPair.test(text)) return false
  let before = at - 1
  while (at - before <= mostSpaces && isBlank(text.charCodeAt(before))) before -= 1
  if (before < at - 1) return isNeither(text, before)
  return isBracket(text.charAt(before)) && isNeither(text, before - 1)
}

const isBracket = (sign: string): boolean => sign === '(' || sign === '[' || sign === '{'

/** Whether what is there is neither a blank nor an equals sign. */
const isNeither = (text: string, at: number): boolean =>
  at >= 0 && text[at] !== '=' && !isBlank(text.charCodeAt(at))

/** Characters that SQL goes on with behind a string, beside words. */
const continuing = new Set('-+*/%^|&=<>!~#,;):')

/** What a sign has got lost before. */
const nested = /^\(\s{0,4}select\b/

/** Blanks that are looked over. */
const mostBlanks = 64

/** Letters of the longest word that SQL goes on with. */
const longestWord = 16

/** Whether what stands behind a quote is nothing that SQL goes on with: nearly all is like that. */
export function isProse(text: string, from: number, quote: Quote): boolean {
  let at = from
  while (at - from < mostBlanks && isBlank(text.charCodeAt(at))) at += 1
  if (at >= text.length) return !text.includes('\0', from)
  if (at - from >= mostBlanks) return false
  if (!isLetter(text.charCodeAt(at)))
    return !continuing.has(text.charAt(at)) && !nested.test(text.slice(at, at + 16))
  const end = endOfWord(text, at)
  if (end - at > longestWord) return true
  const word = text.slice(at, end)
  if (text[end] === '(' && isAttackCall(word)) return false
  if (continuationOf(word) !== undefined) return false
  return !(at > from && startsStatement(word) && !text.includes(quote, end))
}
