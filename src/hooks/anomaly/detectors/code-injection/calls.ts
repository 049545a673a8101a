import { endBefore, isExpressionEnd, isNamePart, startOfName } from '../../callee.ts'
import { callSigns } from './call-signs.ts'
import { phpNames } from './php-functions.ts'

/** Where a text calls something, as code does: a name or another expression, and `(`. */
export interface Calls {
  /** Whether anything stands right in front of a bracket, as it does in few sentences. */
  readonly any: boolean
  /** The brackets behind functions of PHP that run code or commands, or tell about the server. */
  readonly php: readonly number[]
  /** The brackets behind what is no plain name: `("sys"."tem")(`, `$f[0](`. */
  readonly disguised: readonly number[]
  /** Whether a call of another language stands as an attacker's does. */
  readonly tells: boolean
}

/** Brackets of a text that are looked at, and of each sort that are told. */
const mostBrackets = 256
const mostCalls = 48

/** The calls of a text in lower case. */
export function callsOf(lower: string): Calls {
  const php: number[] = []
  const disguised: number[] = []
  let any = false
  let at = lower.indexOf('(')
  for (let looks = 0; at >= 0 && looks < mostBrackets; looks += 1) {
    const end = endBefore(lower, at)
    const before = lower.charCodeAt(end - 1)
    if (end === at && (isNamePart(before) || isExpressionEnd(before))) any = true
    if (isNamePart(before)) {
      const start = startOfName(lower, end)
      const name = lower.slice(start, end)
      if (callSigns.get(name)?.some((sign) => isSign(lower, start, sign)))
        return { any, php, disguised, tells: true }
      if (phpNames.has(name)) php.push(at)
      else if (lower[start - 1] === '$') disguised.push(at)
    } else if (isExpressionEnd(before) || (before === 47 && lower[end - 2] === '*'))
      disguised.push(at)
    if (php.length >= mostCalls || disguised.length >= mostCalls) break
    at = lower.indexOf('(', at + 1)
  }
  return { any, php, disguised, tells: false }
}

function isSign(lower: string, start: number, sign: RegExp): boolean {
  sign.lastIndex = start
  return sign.test(lower)
}
