import { type } from 'arktype'
import { integer, integerText } from '../validators/integer.ts'
import { pageCursor } from '../validators/page-cursor.ts'

/** Rows of a page: at least, at most, and where nobody asks for a number. */
export const pageSize = { min: 1, max: 100, usual: 20 } as const

/**
 * Which part of a list a query asks for: `limit` and `cursor`. A list with filters adds them:
 * `type({ '...': listQuery, '+': 'reject', 'status?': … })`.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from 'node:assert/strict'
 * deepEqual(listQuery({ limit: '50' }), { limit: 50 })
 * deepEqual(listQuery({}), { limit: 20 })
 * equal(listQuery.allows({ page: '2' }), false)
 * ```
 */
export const listQuery = type({
  '+': 'reject',
  limit: integerText(pageSize.min, pageSize.max).default(String(pageSize.usual)),
  'cursor?': pageCursor,
})

/** The same in the body of a search, where a number is a number. */
export const listBody = type({
  '+': 'reject',
  limit: integer(pageSize.min, pageSize.max).default(pageSize.usual),
  'cursor?': pageCursor,
})
