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

const isNamePart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95

/** `)`, `]`, `}` and quotes. */
const isExpression = (code: number): boolean =>
  code === 41 || code === 93 || code === 125 || code === 39 || code === 34 || code === 96

/** Names are no longer than that. */
const longestName = 28

/** The calls of a text in lower case. */
export function callsOf(lower: string): Calls {
  const php: number[] = []
  const disguised: number[] = []
  let any = false
  let at = lower.indexOf('(')
  for (let looks = 0; at >= 0 && looks < mostBrackets; looks += 1) {
    const end = behindName(lower, at)
    const before = lower.charCodeAt(end - 1)
    if (end === at && (isNamePart(before) || isExpression(before))) any = true
    if (isNamePart(before)) {
      const start = startOfName(lower, end)
      const name = lower.slice(start, end)
      if (callSigns.get(name)?.some((sign) => isSign(lower, start, sign)))
        return { any, php, disguised, tells: true }
      if (phpNames.has(name)) php.push(at)
      else if (lower[start - 1] === '$') disguised.push(at)
    } else if (isExpression(before) || (before === 47 && lower[end - 2] === '*')) disguised.push(at)
    if (php.length >= mostCalls || disguised.length >= mostCalls) break
    at = lower.indexOf('(', at + 1)
  }
  return { any, php, disguised, tells: false }
}

/** Four spaces at most may stand between a name and its bracket. */
function behindName(lower: string, bracket: number): number {
  let end = bracket
  while (end > 0 && bracket - end < 4 && lower.charCodeAt(end - 1) <= 32) end -= 1
  return end
}

function startOfName(lower: string, end: number): number {
  let start = end
  while (start > 0 && end - start < longestName && isNamePart(lower.charCodeAt(start - 1)))
    start -= 1
  return start
}

function isSign(lower: string, start: number, sign: RegExp): boolean {
  sign.lastIndex = start
  return sign.test(lower)
}
