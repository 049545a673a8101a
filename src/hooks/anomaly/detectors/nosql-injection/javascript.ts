import type { Context } from '../../sql/index.ts'

/** A literal, and another one that it is compared with, as in JavaScript rather than SQL. */
const compared = /(?:'[^']{0,16}'|"[^"]{0,16}"|\d{1,8})\s{0,4}={2,3}\s{0,4}['"\d]/y

/** What a condition on a document reads: its fields, by `this`, and what tells their names. */
const document =
  /(?:\(\s{0,4}){0,4}!?(?:(?:this|obj)(?:\b|\[)|function\s{0,4}\(|\(\s{0,4}\)\s{0,4}=>|object\.(?:keys|values|entries)\(|(?:json\.stringify|tojson|hex_md5|isnumber)\(|typeof\s{1,4}this\b|db\.|['"][\w.]{1,32}['"]\s{1,4}in\s{1,4}this\b)/y

const condition = /[\s)]{0,8}(?:\|\||&&)\s{0,8}/y

/** Statements that end the condition early, wait, or look at other collections. */
const statement =
  /[\s)}]{0,8};\s{0,8}(?:return\b(?!;?\s*$)|while\s{0,4}\(|for\s{0,4}\(|do\s{0,4}\{|sleep\s{0,4}\(|print(?:json)?\s{0,4}\(|(?:db|this)\.|throw\b|(?:var|let|const)\s+\w{1,32}\s{0,4}=|(?:it|date)\s{0,4}=\s{0,4}new date)/y

/** The ones that no string has to follow. */
const telling =
  /[\s)}]{0,8};\s{0,8}(?:sleep\s{0,4}\(\s{0,4}\d|do\s{0,4}\{|while\s{0,4}\(\s{0,4}(?:1|true)|for\s{0,4}\(\s{0,4};\s{0,4};|(?:it|date)\s{0,4}=\s{0,4}new date)/y

/** Brackets that the code around the value opened, a constant, and a comment that hides the rest. */
const closed = /(?:[\s)}\]]{0,8}[)}\]];?|\s{0,4}(?:\|\|\s{0,4}(?:true|1))?;?)\s{0,4}\/\/\s{0,8}$/y

/** What all of these begin with. */
const goingOn = /\s{0,8}[|&;)}\]/]/y

const number = /^\s{0,4}(?:-?\d{1,16}|true|false|null)(?=[\s)}]{0,8}[;|&])/

/** A function that gives back what the document has, as the whole value. */
export const wholeFunction =
  /^[\s'"]{0,4}function\s{0,4}\(\s{0,4}\)\s{0,4}\{\s{0,4}return\s{1,4}(?:this\b|obj\b|version\b|true\b|\d)/

/** A call of the shell that is ended, and a statement that follows in the place of the value. */
const shellCall = /^db\.[^;]{1,256}\);\s{0,8}(?:return\b|db\.)/

const matchesAt = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at
  return pattern.test(text)
}

/**
 * Whether a text goes on as JavaScript of a `$where` (or of mapReduce) behind the value that it was
 * sent as: a condition on `this`, a comparison by `==`, or a statement and then an open string.
 */
export function breaksIntoScript(lower: string, ways: readonly Context[]): boolean {
  const isBehindQuote = ways.some(
    ({ at, quote }) =>
      quote !== '`' &&
      matchesAt(goingOn, lower, at) &&
      (isCondition(lower, at) || isStatement(lower, at, quote) || isClosed(lower, at)),
  )
  if (isBehindQuote || shellCall.test(lower)) return true
  if (matchesAt(condition, lower, 0) && matchesAt(compared, lower, condition.lastIndex)) return true
  const value = number.exec(lower)?.[0]
  return value !== undefined && isBareStatement(lower, value.length)
}

function isCondition(text: string, at: number): boolean {
  if (!matchesAt(condition, text, at)) return false
  const operand = condition.lastIndex
  return matchesAt(document, text, operand) || matchesAt(compared, text, operand)
}

/** Ends in a comment, or in a string of the same kind that the code around it closes. */
const endsOpen = (text: string, at: number, quote: string): boolean =>
  /(?:\/\/|<!--)[\s+]*$/.test(text.slice(-16)) ||
  [quote, "'", '"'].some((one) => text.slice(at).split(one).length % 2 === 0)

const isStatement = (text: string, at: number, quote: string): boolean =>
  matchesAt(telling, text, at) || (matchesAt(statement, text, at) && endsOpen(text, at, quote))

const isClosed = (text: string, at: number): boolean =>
  text.length - at < 64 && matchesAt(closed, text, at)

function isBareStatement(text: string, at: number): boolean {
  if (isCondition(text, at)) return true
  return (
    matchesAt(statement, text, at) && !/^[\s)}]{0,8};\s{0,8}throw\b/.test(text.slice(at, at + 32))
  )
}
