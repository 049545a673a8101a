import { type } from 'arktype'
import { type Rule, spokenAs } from '../rule.ts'

const rule: Rule = { code: 'uuid', expected: 'a UUID' }

/**
 * A UUID of any version, in either case: 36 characters, with hyphens. Kept as it is written.
 *
 * Source: RFC 9562 §4.
 *
 * @example Braces and missing hyphens are other spellings, and not taken
 * ```ts
 * import { equal } from 'node:assert/strict'
 * equal(uuid.allows('01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00'), true)
 * equal(uuid.allows('01931f6e4c2b7c3a9d105a2b7c9e1f00'), false)
 * ```
 */
export const uuid = type(/^[\dA-Fa-f]{8}-(?:[\dA-Fa-f]{4}-){3}[\dA-Fa-f]{12}$/).configure({
  ...spokenAs(rule),
  format: 'uuid',
})
