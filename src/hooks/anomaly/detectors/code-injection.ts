import type { View } from '../view.ts'
import { scoreOfJava } from './code-injection/java.ts'
import { scoreOfPhp } from './code-injection/php.ts'
import { scoreOfServerScript } from './code-injection/scripts.ts'
import { scoreOfSerialized } from './code-injection/serialized.ts'

/**
 * Tells code that the server is to run (CWE-94, CWE-502): PHP, Java, Node.js, Python, Perl, ASP,
 * and serialized objects. A bare call is honest: people write down code. An attack opens a tag of
 * the language, ends the page's string, hides the name that it calls, or goes around the modules.
 */
export function codeInjection({ text, lower }: View): number {
  return Math.max(
    scoreOfPhp(lower),
    scoreOfJava(lower),
    scoreOfServerScript(lower),
    scoreOfSerialized(text, lower),
  )
}
