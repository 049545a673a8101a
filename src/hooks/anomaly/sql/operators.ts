import { continuationOf } from './continuations.ts'
import { goesOn } from './evidence.ts'
import { closeParentheses, isChoice } from './operands.ts'
import type { Reader } from './reader.ts'
import { readStatement } from './statements.ts'
import { reserved, startsStatement } from './words.ts'

const comparing = new Set([
  ...['=', '<', '>', '<=', '>=', '<>', '!=', '==', '<=>', '^=', '!<', '!>'],
  ...['~*', '!~', '!~*', '~', '<@', '@>'],
])

/** Reads what may stand behind an operand; false where nothing may go on like this. */
export function readOperator(reader: Reader): boolean {
  const { kind, text } = reader.peek()
  if (kind === 'operator') return readSign(reader, text)
  if (kind === 'mark') return readMark(reader, text)
  // Strings side by side are one.
  if (kind === 'string') return reader.last?.kind === 'string' && reader.take()
  if (reader.taken === 0 && kind === 'word' && startsStatement(text)) return readUnmarked(reader)
  if (kind !== 'word') return text === ']' && reader.depth === 0 && breakOut(reader)
  if (text === 'select') return readMissingOperator(reader)
  const step = continuationOf(text)
  return step === undefined ? readAlias(reader, text) : step(reader)
}

/** A statement with nothing between it and the string that the text ends. */
function readUnmarked(reader: Reader): boolean {
  reader.evidence.unmarked = true
  return readStatement(reader)
}

function readSign(reader: Reader, text: string): boolean {
  if (text === '!') return false
  reader.evidence.operators += 1
  if (text === '::') return readCast(reader)
  reader.take()
  if (text === '||' || text === '&&') {
    reader.evidence.links += 1
    reader.evidence.signs += 1
    return reader.separate(true)
  }
  if (comparing.has(text)) return compare(reader)
  if (/^(?:<<|>>|[\^%*|&+])$/.test(text)) reader.evidence.signs += 1
  reader.wants = true
  return true
}

/** Begins a comparison with what stands to the left. */
function compare(reader: Reader): true {
  reader.evidence.comparisons += 1
  reader.frame.compares = true
  reader.wants = true
  return true
}

/** PostgreSQL's `::type` leaves a constant a constant. */
function readCast(reader: Reader): boolean {
  return reader.peek(1).kind === 'word' && reader.take(2)
}

function readMark(reader: Reader, text: string): boolean {
  switch (text) {
    case ')':
      return reader.depth > 0 ? closeParentheses(reader) : breakOut(reader)
    case ',':
      if (reader.depth === 0) reader.evidence.commas += 1
      if (isChoice(reader.frame.call)) reader.evidence.links += 1
      reader.take()
      return reader.separate(false)
    case ';':
      return readStatement(reader)
    case '}':
      return reader.take()
    case '(':
      return readMissingOperator(reader)
    default:
      return false
  }
}

/** A parenthesis that the statement around the value opened. */
function breakOut(reader: Reader): true {
  reader.take()
  reader.evidence.closings += 1
  const { frame } = reader
  frame.left = 'head'
  frame.compares = false
  return true
}

/** Nothing stands before a SELECT that a tool has put in, or that a condition comes before. */
function readMissingOperator(reader: Reader): boolean {
  const isSelect = reader.follows('select') && reader.last?.text === ')'
  if (!isSelect && !reader.follows('(', 'select')) return false
  if (!goesOn(reader.evidence)) return false
  reader.frame.fresh = true
  return reader.separate(false)
}

/** A name for what was selected, a table or a subquery. */
function readAlias(reader: Reader, text: string): boolean {
  const { frame } = reader
  const isNamed = frame.selects || frame.call !== undefined || reader.last?.text === ')'
  if (frame.aliased || !isNamed || reserved.has(text)) return false
  frame.aliased = true
  return reader.take()
}
