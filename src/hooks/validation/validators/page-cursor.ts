import { type } from 'arktype'
import { maxCursorLength } from '../cursor.ts'
import { type Rule, spokenAs } from '../rule.ts'

const rule: Rule = {
  code: 'cursor',
  expected: 'the nextCursor of an earlier page of the same list',
}

/**
 * Where the next page of a list begins: what the page before gave as `nextCursor`, in base64url.
 * Only its form is judged here; whether it is of this list, `decodeCursor` says, in the same words.
 *
 * Source: RFC 4648 §5.
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { encodeCursor } from '../cursor.ts'
 * equal(pageCursor.allows(encodeCursor({ id: 7 })), true)
 * equal(pageCursor.allows('page 2'), false)
 * ```
 */
export const pageCursor = type(`1 <= string <= ${maxCursorLength}`)
  .and(/^[\w-]+$/)
  .configure(spokenAs(rule))
