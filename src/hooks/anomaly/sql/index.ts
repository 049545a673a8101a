import type { Detector } from '../view.ts'
import { headOf, scoreBare } from './bare.ts'
import { scoreOfStatement } from './bare-statement.ts'
import { scoreBehindQuote } from './behind-quote.ts'
import { bareValues, isProse, waysOut } from './contexts.ts'
import { readSql } from './read.ts'

export { type Context, waysOut } from './contexts.ts'

/**
 * Finds SQL that breaks out of the value that it was sent as (CWE-89). The text is read with a
 * small grammar of SQL from each place on where a statement around it may end the value, as
 * libinjection does with fingerprints: what counts is whether it goes on as code, and as which.
 */
export const sqlInjection: Detector = ({ lower }) => {
  let score = 0
  for (const reading of readingsOf(lower)) {
    score = Math.max(score, scoreOf(reading))
    if (score === 1) break
  }
  return score
}

/** The text, and what becomes of it where plus is a space, quotes are escaped or words filtered. */
function readingsOf(lower: string): readonly string[] {
  const readings = [lower]
  if (lower.includes('+') && !lower.includes(' ')) readings.push(lower.replaceAll('+', ' '))
  if (/\\['"]/.test(lower)) readings.push(lower.replace(/\\(?=['"])/g, ''))
  if (/\w\/\*\*\/\w/.test(lower)) readings.push(lower.replaceAll('/**/', ''))
  if (/u[nio]{0,3}union[nio]{1,4}/.test(lower))
    readings.push(lower.replace(/(?<=\w)(?:union|select)(?=\w)/g, ''))
  return readings
}

/** A sign between two quotes: `'='` makes a comparison with nothing of any name and password. */
const signAlone = /^'(?:[-&^*=|+%/]|<[~>]|!=|\|\||\s)'$/

function scoreOf(text: string): number {
  let score = Math.max(scoreOfStatement(text), signAlone.test(text) ? 0.5 : 0)
  for (const context of waysOut(text).filter(({ at }) => !isProse(text, at)))
    score = Math.max(score, scoreBehindQuote(context, readSql(text, context.at, true)))
  for (const value of bareValues(text)) score = Math.max(score, scoreOfBare(value))
  return score
}

function scoreOfBare(value: string): number {
  const head = headOf(value)
  return head === undefined ? 0 : scoreBare(head, readSql(value, 0, head === 'missing'))
}
