import type { View } from '../view.ts'
import { breaksIntoScript } from './nosql-injection/javascript.ts'
import { breaksIntoQuery, isNamedLikeOperator, isQuery } from './nosql-injection/operators.ts'

/**
 * Tells attacks on document databases (CWE-943): operators of MongoDB in the place of a value, as
 * JSON or by the names of parameters, and JavaScript that breaks out of a value in a `$where`.
 * Operators spoken of in a sentence are honest, and so is JSON with other keys that have a dollar.
 */
export function nosqlInjection({ lower }: View): number {
  if (isQuery(lower) || isNamedLikeOperator(lower)) return 0.9
  if (breaksIntoQuery(lower)) return 0.8
  return breaksIntoScript(lower) ? 0.8 : 0
}
