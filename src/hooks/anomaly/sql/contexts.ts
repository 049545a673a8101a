import { isBlank, isLetter, isSpelling } from './characters.ts'
import { continuationOf } from './continuations.ts'

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
}

const quotes = ["'", '"', '`'] as const

/**
 * The quotes of a text that may end the value that it is: of each kind the first, and the first
 * that is no apostrophe within a word. One that opens a quotation, as in `the word 'or' is`, ends
 * nothing: there is a space before it and none behind it.
 */
export function waysOut(text: string): readonly Context[] {
  const contexts: Context[] = []
  for (const quote of quotes) {
    const first = text.indexOf(quote)
    if (first < 0) continue
    const outside = firstOutsideOfWords(text, quote, first)
    if (!opens(text, first)) contexts.push({ head: text.slice(0, first), quote, at: first + 1 })
    if (outside > first && !opens(text, outside))
      contexts.push({ head: text.slice(0, outside), quote, at: outside + 1 })
  }
  return contexts
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

/** Spaces before a quotation, at most. */
const mostSpaces = 3

function opens(text: string, at: number): boolean {
  const next = text.charAt(at + 1)
  if (next === '' || next === ')' || isBlank(next.charCodeAt(0))) return false
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

/** Blanks that are looked over. */
const mostBlanks = 64

/** Letters of the longest word that SQL goes on with. */
const longestWord = 16

/** Whether what stands behind a quote is nothing that SQL goes on with: nearly all is like that. */
export function isProse(text: string, from: number): boolean {
  let at = from
  while (at - from < mostBlanks && isBlank(text.charCodeAt(at))) at += 1
  if (at >= text.length) return !text.includes('\0', from)
  if (!isLetter(text.charCodeAt(at)))
    return !continuing.has(text.charAt(at)) && at - from < mostBlanks
  let end = at + 1
  while (end - at <= longestWord && isLetter(text.charCodeAt(end))) end += 1
  return continuationOf(text.slice(at, end)) === undefined
}
