import type { Context } from '../../sql/index.ts'

/** How Cypher goes on behind a string, a map or a pattern that was ended (openCypher 9). */
const clause =
  /[\s)}\]]{0,8}(?:(?:or|and|xor)\s[^/]{1,64}\s)?(?:-\[|(?:return|with|match|optional\s+match|call|detach\s+delete|delete|set|remove|merge|create|load\s+csv|union|unwind|foreach)\b)/y

const endsInComment = /\/\/\s{0,8}$/

/** Whether a text goes on as Cypher behind a value, and a comment hides what was to follow. */
export const breaksIntoCypher = (lower: string, ways: readonly Context[]): boolean =>
  endsInComment.test(lower.slice(-10)) &&
  ways.some(({ at, quote }) => {
    clause.lastIndex = at
    return quote !== '`' && clause.test(lower)
  })
