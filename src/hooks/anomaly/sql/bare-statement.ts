import { Reader } from './reader.ts'
import type { Source } from './source.ts'
import { beginsStatement } from './statements.ts'
import type { Token } from './tokens.ts'
import { reachesOut, serverProcedure } from './words.ts'

/** The first words of statements that may reach out of the database by what they name. */
const starters =
  /^(?:exec|execute|declare|copy|waitfor|call|begin|drop|create|alter|insert|update|delete|truncate|shutdown)$/

const mostTokens = 400

/**
 * How sure it is that a whole statement is an attack. A bare one is honest: people write them into
 * notes. One that starts programs or waits is not, nor is one whose end hides what comes behind.
 */
export function scoreOfStatement(source: Source, first: Token): number {
  const { kind, text } = first
  if (kind !== 'word' || !starters.test(text)) return 0
  const reader = new Reader(source, first, false)
  if (!beginsStatement(reader)) return text === 'copy' && startsProgram(reader) ? 0.9 : 0
  if (text === 'waitfor') return 0.8
  if (/^exec/.test(text) && reader.peek(1).text === '(' && reader.peek(2).kind === 'variable')
    return 0.6
  return namesReach(reader, /^(?:create|alter|drop)$/.test(text)) ? 0.9 : 0
}

function startsProgram(reader: Reader): boolean {
  for (let i = 0; i < mostTokens && /^(?:end|cut)$/.test(reader.peek().kind) === false; i += 1) {
    if (reader.follows('program') && reader.peek(1).kind === 'string') return true
    reader.take()
  }
  return false
}

/** Whether a procedure is called by name, or what is spelt in hexadecimal digits is run, or the statement ends in a comment that says nothing. */
function namesReach(reader: Reader, defines: boolean): boolean {
  let spelt = false
  const declares = reader.peek().text === 'declare'
  for (let i = 0; i < mostTokens; i += 1) {
    const { kind, text } = reader.peek()
    spelt ||= kind === 'number' && /^0x[\da-f]{8}/.test(text)
    if (spelt && (declares || (/^exec/.test(text) && reader.peek(1).text === '('))) return true
    if (kind === 'end' || kind === 'cut') return false
    if (kind === 'comment') return /^[-\s]*$/.test(text) && reader.last?.text === ';'
    if (kind === 'word' && reachesOut(text)) return !defines
    if (reader.follows('load', 'data') && reader.last?.text === ';') return true
    if (kind === 'string' && serverProcedure.test(text.trim())) return true
    if (reader.follows('program') && reader.peek(1).kind === 'string') return true
    reader.take()
  }
  return false
}
