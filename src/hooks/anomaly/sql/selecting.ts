import type { Selecting } from './evidence.ts'
import type { Reader } from './reader.ts'
import { constants, isFunction, prefixes } from './words.ts'

const modifiers = /^(?:all|distinct|distinctrow|straight_join|sql_\w+|high_priority)$/
const counts = /^(?:top|first|skip)$/

/** Takes SELECT and what may stand before its list, and tells whether that list looks like code. */
export function selectList(reader: Reader): Selecting {
  reader.take()
  while (modifiers.test(reader.peek().text)) reader.take()
  while (counts.test(reader.peek().text) && reader.peek(1).kind === 'number') reader.take(2)
  const { frame } = reader
  frame.selects = true
  frame.fresh = false
  reader.separate(false)
  return looksLikeCode(reader) ? 'code' : 'words'
}

/** How many parentheses are looked into. */
const deepest = 8

function looksLikeCode(reader: Reader, at = 0): boolean {
  const { kind, text, end, veiled } = reader.peek(at)
  const next = reader.peek(at + 1)
  if (at > deepest) return true
  if (veiled) return true
  if (kind === 'number' || kind === 'string' || kind === 'variable') return true
  if (text === '(') return looksLikeCode(reader, at + 1)
  if (kind === 'operator') return /^[-*+~!]$/.test(text)
  if (kind !== 'word') return false
  if (
    text === 'select' ||
    constants.has(text) ||
    prefixes.has(text) ||
    text === 'case' ||
    text.includes('.')
  )
    return true
  if (next.kind === 'operator') return true
  return next.text === '(' && (isFunction(text) || next.start === end)
}
