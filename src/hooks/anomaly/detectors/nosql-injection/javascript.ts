import { waysOut } from '../../sql/index.ts'

/** A literal, and another one that it is compared with, as in JavaScript rather than SQL. */
const compared = /(?:'[^']{0,16}'|"[^"]{0,16}"|\d{1,8})\s{0,4}={2,3}\s{0,4}['"\d]/y

/** What a condition on a document reads: its fields, by `this`. */
const document = /(?:\(\s{0,4}){0,4}(?:!?(?:this|obj)(?:\.|\[)|function\s{0,4}\()/y

const condition = /[\s)]{0,8}(?:\|\||&&)\s{0,8}/y

/** Statements that end the condition early, wait, or look at other collections. */
const statement =
  /[\s)}]{0,8};\s{0,8}(?:return\b(?!;?\s*$)|while\s{0,4}\(|for\s{0,4}\(|do\s{0,4}\{|sleep\s{0,4}\(|db\.|throw\b|(?:var|let|const)\s+\w{1,32}\s{0,4}=|(?:it|date)\s{0,4}=\s{0,4}new date)/y

/** The ones that no string has to follow. */
const telling =
  /[\s)}]{0,8};\s{0,8}(?:sleep\s{0,4}\(\s{0,4}\d|do\s{0,4}\{|while\s{0,4}\(\s{0,4}(?:1|true)|(?:it|date)\s{0,4}=\s{0,4}new date)/y

const number = /^\s{0,4}(?:-?\d{1,16}|true|false|null)(?=[\s)}]{0,8}[;|&])/

const matchesAt = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at
  return pattern.test(text)
}

/**
 * Whether a text goes on as JavaScript of a `$where` (or of mapReduce) behind the value that it was
 * sent as: a condition on `this`, a comparison by `==`, or a statement and then an open string.
 */
export function breaksIntoScript(lower: string): boolean {
  if (!/[;|&]/.test(lower)) return false
  const isBehindQuote = waysOut(lower).some(
    ({ at, quote }) => quote !== '`' && (isCondition(lower, at) || isStatement(lower, at, quote)),
  )
  if (isBehindQuote) return true
  if (matchesAt(condition, lower, 0) && matchesAt(compared, lower, condition.lastIndex)) return true
  const [value] = number.exec(lower) ?? []
  return value !== undefined && isBareStatement(lower, value.length)
}

function isCondition(text: string, at: number): boolean {
  if (!matchesAt(condition, text, at)) return false
  const operand = condition.lastIndex
  return matchesAt(document, text, operand) || matchesAt(compared, text, operand)
}

/** Ends in a comment, or in a string of the same kind that the code around it closes. */
const endsOpen = (text: string, at: number, quote: string): boolean =>
  /(?:\/\/|<!--)[\s+]*$/.test(text.slice(-16)) || text.slice(at).split(quote).length % 2 === 0

const isStatement = (text: string, at: number, quote: string): boolean =>
  matchesAt(telling, text, at) || (matchesAt(statement, text, at) && endsOpen(text, at, quote))

function isBareStatement(text: string, at: number): boolean {
  if (isCondition(text, at)) return true
  return (
    matchesAt(statement, text, at) && !/^[\s)}]{0,8};\s{0,8}throw\b/.test(text.slice(at, at + 32))
  )
}
