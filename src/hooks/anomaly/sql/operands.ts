import { goesOn, stronger } from './evidence.ts'
import type { Reader } from './reader.ts'
import { selectList } from './selecting.ts'
import {
  constants,
  isAttackCall,
  isFunction,
  prefixes,
  reachesOut,
  reserved,
  tellsOfSession,
} from './words.ts'

const unary = new Set(['+', '-', '!', '~'])

/** Reads what may stand where SQL wants an operand; false where this is none. */
export function readOperand(reader: Reader): boolean {
  const { kind, text } = reader.peek()
  switch (kind) {
    case 'number':
      // `1.e(…)`: MySQL overlooks the number.
      if (text.endsWith('e') && reader.peek(1).text === '(') return reader.take()
      reader.take()
      return reader.operand('constant')
    case 'string':
      reader.take()
      return reader.operand('constant')
    case 'variable':
      reader.take()
      if (!text.startsWith('@@')) return reader.operand('other')
      reader.evidence.globals += 1
      return reader.operand('constant')
    case 'mark':
      return readMark(reader, text)
    case 'operator':
      return readSign(reader, text)
    case 'word':
      return readWord(reader, text)
    default:
      return false
  }
}

function readMark(reader: Reader, text: string): boolean {
  if (text === '(') return reader.take() && reader.open(undefined)
  // ODBC's escapes: `{fn now()}`, `{d '2020-01-01'}`.
  if (text === '{' && reader.peek(1).kind === 'word') return reader.take(2)
  return text === ')' && reader.frame.fresh && reader.depth > 0 && closeParentheses(reader)
}

/** Ends what is within parentheses, which is an operand then. */
export function closeParentheses(reader: Reader): boolean {
  const frame = reader.close()
  if (frame === undefined || frame.cases > 0) return false
  reader.take()
  const known = frame.call === undefined || isFunction(frame.call)
  return reader.operand(frame.pure && known && !frame.selects ? 'constant' : 'other')
}

function readSign(reader: Reader, text: string): boolean {
  if (unary.has(text)) return reader.take()
  const before = reader.last?.text ?? ''
  const isStar =
    text === '*' && (reader.frame.fresh || /^(?:\(|,|select|distinct|all)$/.test(before))
  return isStar && reader.take() && reader.operand('other')
}

function readWord(reader: Reader, text: string): boolean {
  if (text === 'select') return readSubquery(reader)
  if (text === 'case') return readCase(reader)
  const isCall = reader.peek(1).text === '(' && reader.peek(1).kind === 'mark'
  if (isCall && !prefixes.has(text) && (!reserved.has(text) || isFunction(text) || text === 'like'))
    return readCall(reader, text)
  if (prefixes.has(text)) return reader.take()
  if (reserved.has(text)) return false
  if (isBehindValue(reader) && text.includes('.') && reachesOut(text)) reader.evidence.attack = true
  reader.take()
  if (text === 'true' || text === 'false') reader.evidence.booleans += 1
  if (tellsOfSession(text)) reader.evidence.calls += 1
  return reader.operand(constants.has(text) ? 'constant' : 'other')
}

function readCall(reader: Reader, name: string): boolean {
  const { evidence } = reader
  reader.take(2)
  evidence.calls += isFunction(name) ? 1 : 0
  evidence.invocations += 1
  if (reachesOut(name)) evidence.reach = true
  const isAttack = isAttackCall(name) || (name === 'exp' && reader.follows('~'))
  const isNamed = name.includes('.')
  if (isAttack) evidence[isNamed || isBehindValue(reader) ? 'attack' : 'leading'] = true
  reader.open(name)
  reader.frame.linked ||= isChoice(name)
  return true
}

/** Whether a function chooses by a condition, as `if(1=1, 2, 3)`. */
export const isChoice = (name: string | undefined): boolean =>
  name !== undefined && /^(?:i?if|elt|make_set|decode|nvl2)$/.test(name)

/** Whether a value came before, which the code goes on from. */
const isBehindValue = ({ evidence, behind }: Reader): boolean =>
  behind || goesOn(evidence) || evidence.opening !== 'none'

function readCase(reader: Reader): boolean {
  reader.frame.cases += 1
  reader.frame.fresh = false
  reader.take()
  if (!reader.follows('when')) return true
  reader.take()
  reader.evidence.links += 1
  return reader.separate(true)
}

function readSubquery(reader: Reader): boolean {
  const { evidence, frame } = reader
  const isForgotten = !frame.fresh && /^(?:and|or|\|\||&&)$/.test(reader.last?.text ?? '')
  if (!frame.fresh && !isForgotten) return false
  const isBehind = isBehindValue(reader)
  const selects = selectList(reader)
  if (isForgotten && selects !== 'code') return false
  if (isBehind) evidence.subquery = stronger(evidence.subquery, selects)
  else evidence.opening = stronger(evidence.opening, selects)
  return true
}
