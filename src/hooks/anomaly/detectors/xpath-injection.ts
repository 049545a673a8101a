import { waysOut } from '../sql/index.ts'
import type { View } from '../view.ts'

/** What ends the value's place in a path: brackets, then an operator that takes another operand. */
const goesOn =
  /[\s)\]]{0,16}(?:(?:\b(?:or|and)\b|\||!?=|[<>](?!\s{0,8}\/)|\+)\s{0,8}(?:not\s?\()?[\s(]{0,8}|(?<=\])\s{0,8}(?=\/)|(?=\/(?:\.\.\/|\*\[|(?:following|preceding|ancestor|parent|descendant|child)[a-z-]{0,20}::)))/y

/** Functions of XPath that are called with nothing, on the node at hand. */
const plainCall =
  /(?:position|last|true|false|text|node|comment|name|local-name|namespace-uri|current|string-length|normalize-space)\(\s{0,4}\)/y

/** Functions that other languages hardly have by the same names. */
const call =
  /(?:count|string-length|starts-with|ends-with|contains|normalize-space|local-name|namespace-uri|name|substring(?:-before|-after)?|translate|string-to-codepoints|codepoints-to-string|string|number|sum|concat|boolean|doc(?:ument|-available)?|unparsed-text(?:-lines)?|system-property|environment-variable|matches|serialize|exists|base-uri|document-uri|encode-for-uri)\(/y

/** A path: from the root, upwards, by an axis or to an attribute. */
const path =
  /\/\/?(?:[*@.]|[a-z][\w-]{0,40}(?:[/[:|@]|\s{0,4}$))|\.\.?\/|\.\s{0,4}!?=|@\*|\/?(?:ancestor|attribute|child|descendant|following|namespace|parent|preceding|self)(?:-or-self|-sibling)?::|\/\/[a-z]/y

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
  for (const { at, quote } of waysOut(lower))
    if (quote !== '`' && goesOnAsXpath(lower, at, true)) return 0.9
  return goesOnAsXpath(lower, headEnd(lower), false) ? 0.8 : 0
}

function goesOnAsXpath(text: string, at: number, isQuoted: boolean): boolean {
  goesOn.lastIndex = at
  if (!goesOn.test(text)) return false
  const operand = goesOn.lastIndex
  if (matches(plainCall, text, operand)) return true
  if (matches(path, text, operand)) return isQuoted || text.slice(at, operand).includes('|')
  return matches(call, text, operand) && (isQuoted || takesPath(text, call.lastIndex))
}

const argument = /\s{0,4}(?:\/|\.\.?[/,)]|@|\*)/y
const takesPath = (text: string, at: number): boolean => matches(argument, text, at)

const head = /\s{0,4}[\w.-]{0,40}/y

function headEnd(text: string): number {
  head.lastIndex = 0
  head.test(text)
  return head.lastIndex
}
