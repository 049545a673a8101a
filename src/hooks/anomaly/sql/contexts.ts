import { continuationOf } from './continuations.ts'

/** Quotes that a value may have been put between; none for a number or a name. */
export type Quote = "'" | '"' | '`' | ''

/** A place in a text from which on it may be read as code. */
export interface Context {
  /** What it is a value of, up to the way out: a string's content, or nothing. */
  readonly head: string
  /** The quote that ends the value; '' where the value was never quoted. */
  readonly quote: Quote
  /** Where the code begins. */
  readonly at: number
}

const quotes = ["'", '"', '`'] as const

const nextWord = /\s{0,64}([a-z]{1,16})/y

/** Whether a word stands behind a quote that SQL does not go on with: nearly all are like that. */
export function isProse(text: string, at: number): boolean {
  nextWord.lastIndex = at
  const [, word] = nextWord.exec(text) ?? []
  return word !== undefined && continuationOf(word) === undefined
}

const isLetter = (text: string | undefined): boolean =>
  text !== undefined && /[\p{L}\p{M}]/u.test(text)

/**
 * The quotes of a text that may end the value that it is: of each kind the first, and the first
 * that is no apostrophe within a word. One that opens a quotation, as in `the word 'or' is`, ends
 * nothing: there is a space before it and none behind it.
 */
export function waysOut(text: string): readonly Context[] {
  return quotes.flatMap((quote) => {
    const first = text.indexOf(quote)
    if (first < 0) return []
    const ends = [first, firstOutsideOfWords(text, quote, first)]
    return [...new Set(ends)]
      .filter((end) => end >= 0 && !opens(text, end))
      .map((end) => ({ head: text.slice(0, end), quote, at: end + 1 }))
  })
}

/** How many apostrophes are looked at: nobody breaks out of a text behind so many. */
const mostApostrophes = 16

function firstOutsideOfWords(text: string, quote: string, first: number): number {
  let at = first
  for (let i = 0; i < mostApostrophes && at >= 0; i += 1) {
    if (!isLetter(text[at - 1]) || !isLetter(text[at + 1])) return at
    at = text.indexOf(quote, at + 1)
  }
  return -1
}

const opens = (text: string, at: number): boolean =>
  /[^=\s]\s{1,3}$|[^\s=][([{]$/.test(text.slice(Math.max(0, at - 4), at)) &&
  /^[^\s)]/.test(text.slice(at + 1, at + 2))

/** A parameter of a URL or form within a text, behind `?`, or behind `&` as the next one. */
const parameter = /[?&][\w.[\]-]{1,64}=/g

/** How many parameters of one text are looked at. */
const mostParameters = 16

/** How many segments of a path are looked at. */
const mostSegments = 16

/** The values that were never quoted: the whole text, segments of a path, parameters of a URL. */
export const bareValues = (text: string): readonly string[] => [
  text,
  ...(text.startsWith('/') ? text.slice(1).split('/', mostSegments) : []),
  ...(text.includes('=') ? parametersOf(text) : []),
]

function parametersOf(text: string): readonly string[] {
  const values: string[] = []
  parameter.lastIndex = 0
  let start: number | undefined
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    if (start !== undefined) values.push(text.slice(start, found.index))
    start = parameter.lastIndex
    if (values.length >= mostParameters) return values
  }
  return start === undefined ? values : [...values, text.slice(start)]
}
