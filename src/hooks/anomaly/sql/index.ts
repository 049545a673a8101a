import type { Detector } from '../view.ts'
import { type Head, headOf, scoreBare } from './bare.ts'
import { scoreOfStatement } from './bare-statement.ts'
import { isSimple, scoreBehindQuote, scoreOfQuotation } from './behind-quote.ts'
import { isProse, quotesOf } from './contexts.ts'
import { enough, lookLoosely } from './loose.ts'
import { partsOf } from './parts.ts'
import { readSql } from './read.ts'
import { Reader } from './reader.ts'
import { readingsOf } from './readings.ts'
import { type Source, sourceOf } from './source.ts'
import { scoreOfTelltale } from './telltale.ts'
import { type Token, tokenAt, tokenBehind } from './tokens.ts'

export { type Context, waysOut } from './contexts.ts'

/**
 * Finds SQL that breaks out of the value that it was sent as (CWE-89). The text is read with a
 * small grammar of SQL from each place on where a statement around it may end the value, as
 * libinjection does with fingerprints: what counts is whether it goes on as code, and as which.
 *
 * However long a text is, only so many tokens of it are read: what is too long is told elsewhere.
 */
export const sqlInjection: Detector = ({ lower }) => {
  let score = scoreOfTelltale(lower)
  const whole = sourceOf(lower)
  for (const reading of readingsOf(lower)) {
    score = Math.max(score, scoreOf(sourceOf(reading, whole.budget)))
    for (const part of partsOf(reading))
      score = Math.max(score, scoreOf(sourceOf(part, whole.budget)))
    if (score === 1) break
  }
  return score
}

/**
 * An operator between two quotes, with hardly anything around: `'='` makes a comparison with nothing
 * of any name and password.
 */
const signAlone =
  /^(?:(?:\w{0,2}\s?)?'\s?(?:[-+*/%|&^=<>!~]{1,3}|(?:not\s)?(?:r?like|regexp)|div|mod|x?or|sounds like)\s?'(?:\s?\w{0,2})?|'\s'|"(?:[&^=]|\|\|)")$/

function scoreOf(source: Source): number {
  const first = tokenAt(source, 0)
  return Math.max(
    signAlone.test(source.text) ? 0.5 : 0,
    scoreOfStatement(source, first),
    scoreOfQuotes(source),
    scoreOfValue(source, first),
  )
}

function scoreOfQuotes(source: Source): number {
  let score = 0
  for (const context of quotesOf(source.text)) {
    if (isProse(source.text, context.at, context.quote)) continue
    const start = tokenAt(source, context.at)
    const reading = readSql(new Reader(source, start, true))
    if (context.opens) score = Math.max(score, scoreOfQuotation(reading))
    else score = Math.max(score, scoreBehindQuote(context, reading))
    if (score < 0.5 && !context.opens && isSimple(context)) score = loosely(source, start, 1)
  }
  return score
}

/** What the text is as a value that was never quoted. */
function scoreOfValue(source: Source, first: Token): number {
  const head = headOf(source, first)
  if (head === undefined) return 0
  const score = scoreBare(head, readSql(new Reader(source, first, isMissing(head))))
  return score < 0.5 ? looselyBare(source, first, head) : score
}

/** Whether the value was left out, so that the text goes on from nothing. */
const isMissing = (head: Head): boolean => head === 'missing' || head === 'filter'

/** How much is known of a value by how a text begins, in the points of {@linkcode lookLoosely}. */
const trust: Readonly<Partial<Record<Head, number>>> = { number: 1, missing: 0.5 }

function looselyBare(source: Source, first: Token, head: Head): number {
  if (
    head === 'statement' ||
    head === 'filter' ||
    (trust[head] === undefined && !source.text.includes('select'))
  )
    return 0
  const isClosed = tokenBehind(source, first).text === ')'
  return loosely(source, first, trust[head] ?? (isClosed ? 0 : -1))
}

const loosely = (source: Source, first: Token, known: number): number =>
  lookLoosely(source, first) + known >= enough ? 0.6 : 0
