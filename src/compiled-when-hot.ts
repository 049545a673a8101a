import { scope, type Type, type } from 'arktype'

/** So many values are interpreted before generating code, some milliseconds, is worth it. */
const threshold = 100

/**
 * The same schema as a function that is quick where it is used often: arktype generates code for
 * it, two to ten times as fast as interpreting it, once it has shown to be worth that. What is wrong
 * with a value is always told by that code: of a union the interpreter tells less, and the value.
 *
 * @example
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { type } from 'arktype'
 * const read = compiledWhenHot(type('string.numeric.parse'))
 * equal(read('7'), 7)
 * ```
 */
export function compiledWhenHot<const T extends Type<unknown>>(
  schema: T,
): (value: unknown) => T['infer'] | type.errors {
  let uses = 0
  let read = (value: unknown): unknown => {
    uses += 1
    const result: unknown = schema(value)
    const isWrong = result instanceof type.errors
    if (uses >= threshold || isWrong) read = compiled(schema)
    return isWrong ? read(value) : result
  }
  return (value) => read(value) as T['infer'] | type.errors
}

/** Settings other than everybody's are a scope's: one of its own has the code generated. */
const compiled = (schema: Type<unknown>): ((value: unknown) => unknown) =>
  scope({ schema }, { jitless: false }).export().schema
