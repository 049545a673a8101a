import type { Detector } from '../view.ts'
import { headOf, scoreBare } from './bare.ts'
import { scoreOfStatement } from './bare-statement.ts'
import { scoreBehindQuote } from './behind-quote.ts'
import { isProse, waysOut } from './contexts.ts'
import { partsOf } from './parts.ts'
import { readSql } from './read.ts'
import { Reader } from './reader.ts'
import { readingsOf } from './readings.ts'
import { type Source, sourceOf } from './source.ts'
import { tokenAt } from './tokens.ts'

export { type Context, waysOut } from './contexts.ts'

/**
 * Finds SQL that breaks out of the value that it was sent as (CWE-89). The text is read with a
 * small grammar of SQL from each place on where a statement around it may end the value, as
 * libinjection does with fingerprints: what counts is whether it goes on as code, and as which.
 *
 * However long a text is, only so many tokens of it are read: what is too long is told elsewhere.
 */
export const sqlInjection: Detector = ({ lower }) => {
  let score = 0
  const whole = sourceOf(lower)
  for (const reading of readingsOf(lower)) {
    score = Math.max(score, scoreOf(sourceOf(reading, whole.budget)))
    for (const part of partsOf(reading))
      score = Math.max(score, scoreOf(sourceOf(part, whole.budget)))
    if (score === 1) break
  }
  return score
}

/** A sign between two quotes: `'='` makes a comparison with nothing of any name and password. */
const signAlone = /^'(?:[-&^*=|+%/]|<[~>]|!=|\|\||\s)'$/

function scoreOf(source: Source): number {
  const { text } = source
  const first = tokenAt(source, 0)
  let score = Math.max(scoreOfStatement(source, first), signAlone.test(text) ? 0.5 : 0)
  for (const context of waysOut(text)) {
    if (isProse(text, context.at)) continue
    const reader = new Reader(source, tokenAt(source, context.at), true)
    score = Math.max(score, scoreBehindQuote(context, readSql(reader)))
  }
  const head = headOf(source, first)
  if (head === undefined) return score
  const reader = new Reader(source, first, head === 'missing')
  return Math.max(score, scoreBare(head, readSql(reader)))
}
