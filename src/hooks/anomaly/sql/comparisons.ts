import type { Step, Steps } from './step.ts'

/** AND, OR and XOR; the AND of a BETWEEN links nothing. */
const link: Step = (reader) => {
  const { evidence, frame } = reader
  reader.take()
  if (frame.between) {
    frame.between = false
    reader.wants = true
    return true
  }
  evidence.links += 1
  return reader.separate(true)
}

const arithmetic: Step = (reader) => {
  reader.evidence.operators += 1
  reader.wants = true
  return reader.take()
}

/** What comes next is compared with what came before. */
const comparison: Step = (reader) => {
  const { evidence, frame } = reader
  const { text } = reader.peek()
  reader.take()
  if (text === 'sounds' && !(reader.follows('like') && reader.take())) return false
  if (text === 'similar' && !(reader.follows('to') && reader.take())) return false
  if (/^(?:i?like|rlike|regexp|glob)$/.test(text)) evidence.patterns += 1
  if (text === 'between') frame.between = true
  evidence.operators += 1
  evidence.comparisons += 1
  frame.compares = true
  reader.wants = true
  return true
}

const is: Step = (reader) => {
  comparison(reader)
  if (reader.follows('not')) reader.take()
  return true
}

/** `in (…)`, and the ends of MySQL's full-text search: `in boolean mode`. */
const among: Step = (reader) => {
  const { kind, text } = reader.peek(1)
  if (text === '(' || kind === 'string') return comparison(reader)
  if (reader.follows('in', 'boolean', 'mode')) return reader.take(3)
  return reader.follows('in', 'natural', 'language', 'mode') && reader.take(4)
}

/** What compares by itself: `notnull`. */
const postfix: Step = (reader) => {
  reader.evidence.operators += 1
  reader.evidence.comparisons += 1
  return reader.take()
}

/** `not like`, `not in` and so on. */
const not: Step = (reader) => {
  const { text } = reader.peek(1)
  if (!/^(?:like|in|between|regexp|rlike|ilike|glob|similar|null)$/.test(text)) return false
  reader.take()
  if (text === 'null') return postfix(reader)
  return text === 'in' ? among(reader) : comparison(reader)
}

const collate: Step = (reader) => {
  reader.evidence.operators += 1
  return reader.peek(1).kind === 'word' && reader.take(2)
}

/** The words that join and compare operands. */
export const comparisons: Steps = new Map<string, Step>(
  Object.entries({
    and: link,
    or: link,
    xor: link,
    div: arithmetic,
    mod: arithmetic,
    escape: arithmetic,
    like: comparison,
    rlike: comparison,
    regexp: comparison,
    ilike: comparison,
    glob: comparison,
    match: comparison,
    similar: comparison,
    sounds: comparison,
    between: comparison,
    is,
    not,
    in: among,
    notnull: postfix,
    isnull: postfix,
    collate,
  }),
)
