import type { Step, Steps } from './step.ts'
import { reachesOut } from './words.ts'

/** FOR: a lock or format of a SELECT, or a part of `substring(x from 1 for 2)`. */
const purpose: Step = (reader) => {
  reader.take()
  if (reader.frame.call !== undefined) return reader.separate(false)
  if (!/^(?:update|xml|json|browse|share)$/.test(reader.peek().text)) return false
  reader.evidence.clauses += 1
  return reader.take()
}

/** A name or, in CAST, a type: `double precision`, `numeric(9, 2)`, `char(5)`. */
const alias: Step = (reader) => {
  reader.take()
  const { kind } = reader.peek()
  if (kind !== 'word' && kind !== 'string') return false
  reader.take()
  reader.frame.aliased = reader.frame.call === undefined
  if (reader.peek().text !== '(' || reader.peek(1).kind !== 'number') return true
  const isPair = reader.peek(2).text === ','
  return reader.peek(isPair ? 4 : 2).text === ')' && reader.take(isPair ? 5 : 3)
}

const join: Step = (reader) => {
  for (let i = 0; i < 4 && !reader.follows('join'); i += 1) {
    if (!/^(?:left|right|inner|outer|cross|natural|full)$/.test(reader.peek().text)) return false
    reader.take()
  }
  return reader.follows('join') && reader.take() && reader.separate(false)
}

const caseWord: Step = (reader) => {
  if (reader.frame.cases === 0) return false
  const isCondition = reader.follows('when')
  reader.take()
  return reader.separate(isCondition)
}

const caseEnd: Step = (reader) => {
  const { frame } = reader
  if (frame.cases === 0) return false
  frame.cases -= 1
  return reader.take()
}

/** WAITFOR DELAY: how SQL Server sleeps. */
const waitFor: Step = (reader) => {
  if (!/^(?:delay|time)$/.test(reader.peek(1).text)) return false
  reader.evidence.attack = true
  reader.evidence.reach = true
  return reader.take(2) && reader.separate(false)
}

/** SQL Server needs no semicolon before its next statement. */
const execute: Step = (reader) => {
  const { text } = reader.peek(1)
  if (!reachesOut(text) && !(text === '(' && reader.peek(2).kind === 'variable')) return false
  reader.evidence.statement = true
  return reader.take(2)
}

/** `if (…) …` as a statement of its own, which SQL Server runs without a semicolon before it. */
const condition: Step = (reader) =>
  /^(?:\(|not|exists)$/.test(reader.peek(1).text) && reader.take() && reader.separate(true)

const direction: Step = (reader) => reader.take()

const withWords: Step = (reader) => {
  if (reader.follows('with', 'rollup')) return reader.take(2)
  return reader.follows('with', 'query', 'expansion') && reader.take(3)
}

const over: Step = (reader) => reader.peek(1).text === '(' && reader.take(2) && reader.open('over')

/** The other words that may stand behind an operand. */
export const phrases: Steps = new Map<string, Step>([
  ...Object.entries({
    for: purpose,
    as: alias,
    join,
    left: join,
    right: join,
    inner: join,
    outer: join,
    cross: join,
    natural: join,
    full: join,
    when: caseWord,
    else: caseWord,
    end: caseEnd,
    asc: direction,
    desc: direction,
    waitfor: waitFor,
    exec: execute,
    execute,
    with: withWords,
    if: condition,
    over,
  }),
  // Not a key of the object: one with a `then` passes for a promise.
  ['then', caseWord],
])
