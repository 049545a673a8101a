import { type Type, type } from 'arktype'

/**
 * One of the listed words, as it is written: neither another case nor space around it. The answer
 * to another word lists them all.
 *
 * @example Only the words themselves
 * ```ts
 * import { equal } from 'node:assert/strict'
 * const direction = oneOf('inbound', 'outbound')
 * equal(direction.allows('inbound'), true)
 * equal(direction.allows('Inbound'), false)
 * ```
 */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  ...words: Words
): Type<Words[number]> {
  // No method of what `enumerated` infers can be called while Words is open.
  const choice = type.enumerated(...words) as Type<string>
  return choice.configure({ 'x-code': 'choice' }, 'self') as Type<Words[number]>
}
