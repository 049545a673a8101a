import type { View } from '../view.ts'
import { scoreOfBreak } from './code-injection/breaks.ts'
import { callsOf } from './code-injection/calls.ts'
import { scoreOfEncodedObject } from './code-injection/encoded.ts'
import { scoreOfExpression } from './code-injection/expressions.ts'
import { scoreOfNames } from './code-injection/names.ts'
import { scoreOfOgnl } from './code-injection/ognl.ts'
import { scoreOfPhp } from './code-injection/php.ts'
import { scoreOfPage, scoreOfStream } from './code-injection/php-page.ts'
import { scoreOfPiece } from './code-injection/pieces.ts'
import { scoreOfSerialized } from './code-injection/serialized.ts'

/** What no code of the rest can do without, but for calls. */
const marked = /[<{[$@#%!=\\_|`~^*\n]/

/**
 * Tells code that the server is to run (CWE-94, CWE-502): PHP, Java, Node.js, Python, Ruby, Perl,
 * ASP, and serialized objects. A bare call is honest: people write down code. An attack opens a tag
 * of the language, ends the page's string, hides the name that it calls, goes around the modules,
 * or is a call and nothing else.
 */
export function codeInjection({ text, lower }: View): number {
  const calls = callsOf(lower)
  if (calls.tells) return 0.85
  const score = Math.max(scoreOfBreak(lower), scoreOfNames(lower))
  if (score > 0) return score
  const isMarked = calls.any || calls.php.length > 0 || marked.test(lower)
  if (!isMarked) return lower.includes(' ') ? 0 : scoreOfWord(text, lower)
  return Math.max(
    scoreOfWord(text, lower),
    scoreOfPage(lower),
    scoreOfPiece(lower),
    scoreOfPhp(lower, calls),
    scoreOfOgnl(lower),
    scoreOfExpression(lower),
    scoreOfSerialized(text, lower),
  )
}

/** A sentence without any mark is neither an address nor Base64; one word is, or what is marked. */
const scoreOfWord = (text: string, lower: string): number =>
  Math.max(scoreOfStream(lower, text), scoreOfEncodedObject(text, lower))
