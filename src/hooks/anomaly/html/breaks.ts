import { readScript } from './javascript.ts'
import { tellers } from './tellers.ts'

/** What goes on as code behind the end of a string: operators, up to a name. */
const operators = /\\?[\s\])};,+\-*/|&^%<>!?:=~({]{1,16}(?=[a-z$_[\\(])/y

/** What an attack does first behind them. */
const actsAtOnce = new RegExp(
  `^\\(?(?:(?:window|self|top|parent|this|globalthis)\\.)?(?:${tellers})[(=]|^(?:document|window|location|top|self)(?:\\.(?:location|cookie|write|body|href|open|domain)|\\.\\w{1,32}=|\\[|=)|^(?:fetch|import|new image|new function|location)\\(|^[\\w$]{1,8}=(?:${tellers})\\b|^(?:throw|catch)\\b.{0,20}(?:${tellers})`,
)

/** A dialog with a sample for an argument, as a probe has it. */
const probe = '(?:alert|confirm|prompt|eval)\\(\\s{0,4}(?:\\d|[\'"`/)]|document|this)'

/** The end of a comment, of an expression or of a statement, and a probe behind it. */
const goesOn = new RegExp(
  `^(?:'[^']{0,12}'|"[^"]{0,12}")\\s?[-+*/%^&|,]\\s?${probe}|^[^/]{0,20}\\*/[\\s;,]{0,8}(?:${tellers})\\(|^[^\\s'"]{0,12}[;)}\\]+*|&^%-]${probe}`,
)

/** A probe, and the rest of the line taken out of the page's script. */
const cutsOff = /(?<![\w$.])(?:alert|confirm|prompt)\([^()]{0,40}\)\/\//

/**
 * How surely a text ends what it stands in within a script, and goes on as code: `';alert(1)//`.
 * Only the first quote of its kind can end the page's string; those behind it pair up, as in
 * honest code.
 */
export function scoreOfBreak(lower: string): number {
  if (goesOn.test(lower) || (lower.includes(')//') && cutsOff.test(lower))) return 0.8
  for (const quote of ['"', "'", '`']) {
    const at = lower.indexOf(quote)
    if (at < 0) continue
    operators.lastIndex = at + 1
    const found = operators.exec(lower)
    if (found === null || !/[;+\-*/|&^%)}<>=?:,]/.test(found[0])) continue
    const rest = lower.slice(operators.lastIndex, operators.lastIndex + 80)
    if (actsAtOnce.test(readScript(rest).code)) return 0.8
  }
  return 0
}
