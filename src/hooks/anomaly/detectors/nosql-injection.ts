import { waysOut } from '../sql/index.ts'
import type { View } from '../view.ts'
import { breaksIntoCypher } from './nosql-injection/cypher.ts'
import { breaksIntoScript, wholeFunction } from './nosql-injection/javascript.ts'
import { breaksIntoQuery, isNamedLikeOperator, isQuery } from './nosql-injection/operators.ts'

/** What code goes on with, or ends with. Looked for one by one: a class is slow beyond Latin. */
const signs = [';', '||', '&&', '//']

/**
 * Tells attacks on document and graph databases (CWE-943): operators of MongoDB in the place of a
 * value, as JSON or by the names of parameters, JavaScript that breaks out of a value in a `$where`,
 * and Cypher that breaks out of a string. Operators spoken of in a sentence are honest, and so is
 * JSON with other keys that have a dollar.
 */
export function nosqlInjection({ lower }: View): number {
  if (isQuery(lower) || isNamedLikeOperator(lower)) return 0.9
  if (breaksIntoQuery(lower) || wholeFunction.test(lower)) return 0.8
  if (!signs.some((sign) => lower.includes(sign))) return 0
  const ways = waysOut(lower)
  return breaksIntoScript(lower, ways) || breaksIntoCypher(lower, ways) ? 0.8 : 0
}
