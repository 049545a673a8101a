import { type Opening, openingsOf } from './openings.ts'

/** A piece of template markup: what stands between its delimiters. */
export interface Expression {
  /** The opening delimiter: `{{`, `{%`, `${`, `#{`, `<%`, `#(` for a directive's, and their like. */
  readonly opening: string
  /** In lower case. */
  readonly content: string
  readonly start: number
  readonly isClosed: boolean
}

const closings: Readonly<Record<string, string>> = {
  '{{': '}}',
  '{%': '%}',
  '{!!': '!!}',
  '<%': '%>',
  '<#': '>',
  '[#': ']',
  '[=': ']',
  '[%': '%]',
}

/** Payloads are shorter, and texts with a brace left open end somewhere. */
const longest = 1024
const longestOpen = 256

/** A text that was cut off is open at its end only. */
const mostOpen = 2

/** Characters in all expressions of a text that are looked at. */
const mostContent = 4096

/**
 * The template markup of a text in lower case, up to some hundred pieces of it and 4096 characters
 * in them. Linear: a bracket is paired once.
 */
export function expressionsOf(lower: string): readonly Expression[] {
  const ends = new Ends(lower)
  const expressions: Expression[] = []
  let left = mostContent
  for (const opening of openingsOf(lower)) {
    const expression = ends.expression(opening)
    if (expression === undefined) continue
    expressions.push(expression)
    left -= expression.content.length
    if (left <= 0) break
  }
  return expressions
}

/** Steps from brace to brace in a text, to find those that belong together. */
const mostSteps = 512

/** Finds where expressions end, and remembers what it has seen of that. */
class Ends {
  readonly #lower: string
  /** By closing delimiter, where it stands next. */
  readonly #next = new Map<string, Next>()
  #steps = mostSteps
  /** Up to here the content of an open expression has been looked at. */
  #openUntil = 0
  #open = 0

  constructor(lower: string) {
    this.#lower = lower
  }

  expression({ text, start, from }: Opening): Expression | undefined {
    const end = this.#endOf(text, from)
    if (end >= 0 && end - from <= longest)
      return { opening: text, content: this.#lower.slice(from, end), start, isClosed: true }
    // Other openings without an end are format strings and the like.
    if (text !== '${' || from < this.#openUntil || this.#open >= mostOpen) return undefined
    this.#open += 1
    const content = this.#lower.slice(from, from + longestOpen)
    this.#openUntil = from + content.length
    return { opening: text, content, start, isClosed: false }
  }

  #endOf(text: string, from: number): number {
    const closing = closings[text]
    if (closing !== undefined) return this.#nextOf(closing, from)
    return text.endsWith('(') ? closingBracket(this.#lower, from) : this.#closingBrace(from)
  }

  #closingBrace(from: number): number {
    let depth = 1
    for (let at = from; this.#steps > 0; this.#steps -= 1) {
      const close = this.#nextOf('}', at)
      if (close < 0 || close - from > longest) return -1
      const open = this.#nextOf('{', at)
      const isDeeper = open >= 0 && open < close
      depth += isDeeper ? 1 : -1
      if (depth === 0) return close
      at = (isDeeper ? open : close) + 1
    }
    return -1
  }

  #nextOf(text: string, from: number): number {
    const known = this.#next.get(text)
    if (known === undefined) {
      const at = this.#lower.indexOf(text, from)
      this.#next.set(text, { from, at })
      return at
    }
    if (known.from > from || (known.at >= 0 && known.at < from))
      known.at = this.#lower.indexOf(text, from)
    known.from = from
    return known.at
  }
}

/** Where a delimiter stands next, and from where on that was looked for. */
interface Next {
  from: number
  at: number
}

/** Arguments of a directive are looked at that far. */
const longestArguments = 256

function closingBracket(lower: string, from: number): number {
  let depth = 1
  const stop = Math.min(lower.length, from + longestArguments)
  for (let i = from; i < stop; i += 1) {
    const character = lower[i]
    if (character === '(') depth += 1
    else if (character === ')' && --depth === 0) return i
  }
  return -1
}
