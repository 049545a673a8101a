import { type } from 'arktype'
import { broken, type Rule, spokenAs } from '../rule.ts'

const ruleOf = (min: number, max: number): Rule => ({
  code: 'integer',
  expected: `a whole number from ${min} to ${max}`,
})

/**
 * A whole number of JSON within bounds, both included.
 *
 * @throws {RangeError} if the bounds are no safe whole numbers, or the wrong way round
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const percent = integer(0, 100)
 * equal(percent.allows(100), true)
 * equal(percent.allows(0.5), false)
 * equal(percent.allows('50'), false)
 * ```
 */
export function integer(min: number, max: number) {
  demandBounds(min, max)
  return type('number.integer')
    .atLeast(min)
    .atMost(max)
    .configure(spokenAs(ruleOf(min, max)))
}

/**
 * The same from a query or a path, where all is text: digits with at most a minus sign before them,
 * no zero in front, no exponent. It comes out as a number.
 *
 * @throws {RangeError} as {@linkcode integer}
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const limit = integerText(1, 100)
 * equal(limit('20'), 20)
 * equal(limit('1e1') === 10, false)
 * ```
 */
export function integerText(min: number, max: number) {
  demandBounds(min, max)
  const rule = ruleOf(min, max)
  return type('string <= 17')
    .configure(spokenAs(rule))
    .pipe((text, ctx) => {
      const value = /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : ctx.error(broken(rule))
    })
}

function demandBounds(min: number, max: number): void {
  if (!(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max))
    throw new RangeError(`bounds must be whole numbers from low to high, got ${min} and ${max}`)
}
