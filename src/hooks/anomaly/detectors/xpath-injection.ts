import { waysOut } from '../sql/index.ts'
import type { View } from '../view.ts'

/**
 * What ends the value's place in a path: brackets, then an operator that takes another operand. A
 * plus may be a space too, as forms write it.
 */
const goesOn =
  /[\s+)\]]{0,16}(?:\b(?:or|and)\b|\||!?=|[<>](?!\s{0,8}\/)|\+)[\s+]{0,8}(?:not\s?\()?[\s(]{0,8}/y

/** A step down, up or aside from the node whose predicate was ended, or from the value itself. */
const step =
  /\s{0,8}\)?\s{0,8}\]\s{0,8}\/{1,2}(?:[a-z*@]|\.\.)|\/(?:\.\.\/|\*\[|(?:text|node|comment)\(\)|(?:following|preceding|ancestor|parent|descendant|child)[a-z-]{0,20}::)/y

/** A prefix that functions of XPath may have: `fn:contains`. */
const prefix = '(?:fn:)?'

/** Functions of XPath that are called with nothing, on the node at hand. */
const plainCall = new RegExp(
  `${prefix}(?:position|last|true|false|text|node|comment|name|local-name|namespace-uri|current|string-length|normalize-space|error|self)\\(\\s{0,4}\\)`,
  'y',
)

/** Functions that other languages hardly have by the same names. */
const call = new RegExp(
  `${prefix}(?:count|string-length|starts-with|ends-with|contains|normalize-space|local-name|namespace-uri|name|substring(?:-before|-after)?|translate|string-to-codepoints|codepoints-to-string|string|number|sum|concat|boolean|doc(?:ument|-available)?|unparsed-text(?:-lines)?|system-property|environment-variable|matches|serialize|exists|empty|base-uri|document-uri|encode-for-uri|(?:upper|lower)-case|collection|tokenize)\\(`,
  'y',
)

/** Functions of any other name, by what they are called with: a path that is nothing else. */
const callOfPath =
  /[a-z][\w:-]{0,40}\(\s{0,4}(?:[a-z][\w:-]{0,40}\(\s{0,4}){0,4}(?:\/\/[a-z*@]|\/\*|\.\.[/,)]|@[a-z*])/y

/** A path: from the root, upwards, by an axis, to an attribute, or by a predicate. */
const path =
  /\/\/?(?:[*@.]|[a-z][\w-]{0,40}(?:[/[:|@]|\s{0,4}$))|\.\.?\/|@\*|\/?(?:ancestor|attribute|child|descendant|following|namespace|parent|preceding|self)(?:-or-self|-sibling)?::|\/\/[a-z]|[a-z][\w-]{0,40}(?:\[[\d\s]{1,8}\])?\/(?:@[a-z*]|\*|\.\.|text\()|[a-z][\w-]{0,40}\[\d{1,4}\]\//y

/** The node at hand, or one of its attributes, compared. */
const node = /(?:\.|@[a-z][\w-]{0,40})\s{0,4}!?=/y

const matches = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at
  return pattern.test(text)
}

/**
 * Tells XPath that breaks out of the value that it was sent as (CWE-643): behind a quote, or a
 * number, there is an operator and then a path or a function that only XPath has (XPath 3.1 §3).
 * What is as valid in SQL (`' or '1'='1`) is left to that detector.
 */
export function xpathInjection({ lower }: View): number {
  if (!/[/(@.:]/.test(lower)) return 0
  for (const { at, quote } of waysOut(lower))
    if (quote !== '`' && (matches(step, lower, at) || goesOnAsXpath(lower, at))) return 0.9
  return goesOnFromNumber(lower) ? 0.8 : 0
}

function goesOnAsXpath(text: string, at: number): boolean {
  if (!matches(goesOn, text, at)) return false
  const operand = goesOn.lastIndex
  return (
    matches(plainCall, text, operand) ||
    matches(path, text, operand) ||
    matches(call, text, operand) ||
    matches(callOfPath, text, operand) ||
    (/^[\s+)\]]{0,16}(?:or|and)/.test(text.slice(at, operand)) && matches(node, text, operand))
  )
}

const head = /\s{0,4}[\w.-]{1,40}/y
const argument = /\s{0,4}(?:\/|\.\.?[/,)]|@|\*)/y

/** A path that is the rest of the text, so that no comment begins with its slashes. */
const wholePath = /\/\/?[a-z*@][\w*@/[\]().=:'-]{0,200}\s{0,4}$/y

/** The same behind a value without quotes, where it takes more to be no prose. */
function goesOnFromNumber(text: string): boolean {
  if (!matches(head, text, 0)) return false
  const at = head.lastIndex
  if (!matches(goesOn, text, at)) return false
  const operand = goesOn.lastIndex
  const operator = text.slice(at, operand)
  if (!/[|]|or|and/.test(operator)) return false
  if (matches(plainCall, text, operand)) return true
  if (matches(call, text, operand)) return matches(argument, text, call.lastIndex)
  if (operator.includes('|')) return matches(path, text, operand)
  return /^\s{0,4}-?\d/.test(text) && matches(wholePath, text, operand)
}
