import { continuationOf } from './continuations.ts'
import { type Evidence, goesOn } from './evidence.ts'
import type { Reading } from './read.ts'
import type { Source } from './source.ts'
import { type Token, type TokenKind, tokenBehind } from './tokens.ts'
import { constants, isFunction } from './words.ts'

/** What a value is that was never quoted, by its beginning. */
export type Head =
  | 'number'
  | 'value'
  | 'call'
  | 'name'
  | 'nested'
  | 'missing'
  | 'filter'
  | 'statement'

/** What a continuation begins with. */
const continuing =
  /^(?:and|or|xor|\|\||&&|union|having|order|group|limit|procedure|rlike|regexp|asc|desc|\)|;|,)$/

/** How many signs before a value are looked behind. */
const mostSigns = 8

/** Tells what a text begins with; undefined where it can be no value at all. */
export function headOf(source: Source, first: Token): Head | undefined {
  let token = first
  if (continuing.test(token.text) && token.kind !== 'string') return 'missing'
  if (/^(?:where|as)$/.test(token.text) && token.kind === 'word') return 'filter'
  for (let i = 0; i < mostSigns && token.kind === 'operator'; i += 1) {
    if (!/^[-+!~]$/.test(token.text)) return undefined
    token = tokenBehind(source, token)
  }
  const behind = tokenBehind(source, token)
  if (token.text === '(') return headOfNested(behind.kind)
  if (token.kind === 'number') return 'number'
  if (token.kind === 'string' || token.kind === 'variable') return 'value'
  if (token.kind !== 'word') return undefined
  if (token.text === 'select') return 'statement'
  if (constants.has(token.text) || token.text === 'case') return 'value'
  if (isFunction(token.text) && source.text[token.end] === '(') return 'call'
  return isFollowedByProse(behind) ? undefined : 'name'
}

/** Two words that SQL does not put side by side, or a word and a value. */
const isFollowedByProse = ({ kind, text }: Token): boolean =>
  kind === 'word' ? continuationOf(text) === undefined : !/^(?:operator|mark|comment)$/.test(kind)

const headOfNested = (kind: TokenKind): Head =>
  kind === 'word' ? 'nested' : kind === 'string' ? 'value' : 'number'

/** How sure it is that a text is a value without quotes and SQL that goes on from it. */
export function scoreBare(head: Head, reading: Reading): number {
  const { evidence, ending, tail } = reading
  const { constants, links, commas, union, subquery } = evidence
  const isWhole = ending === 'end' || ending === 'comment'
  const isClosed = ending === 'comment' && /^[-+\s;'"]*$/.test(tail)
  if (head === 'statement') return evidence.reach ? 0.9 : 0
  if (ending === 'decided') return head === 'name' ? 0.9 : 1
  // `where 1=1` alone begins many an honest condition.
  if (head === 'filter') return constants > 1 || (constants > 0 && isClosed) ? 0.8 : 0
  const isOpen = ending === 'open' && /^\w{0,16}$/.test(tail)
  if (constants > 0 && links + commas > 0 && (isWhole || head === 'number')) return 0.8
  if (constants > 0 && links > 0 && head === 'value' && isOpen) return 0.7
  if (union === 'words') return scoreOfUnion(head, evidence, isClosed)
  if (subquery === 'words' && isClosed && links > 0) return 0.8
  if (subquery === 'words' && isWhole) return head === 'name' || head === 'call' ? 0 : 0.7
  if (evidence.leading && !(ending === 'open' && tail === ''))
    return scoreOfLeadingCall(evidence, isWhole, isClosed)
  // However broken it is: no sentence goes on from a number with calls within calls.
  if (head === 'number' && links > 0 && evidence.calls > 1) return 0.7
  if (head === 'call' && isWhole && (evidence.opening === 'code' || evidence.globals > 0))
    return 0.6
  if (!goesOn(evidence) && !evidence.ends && evidence.opening === 'none' && evidence.calls === 0)
    return 0
  if (isClosed) return scoreAtComment(head, evidence)
  if (ending === 'open') return scoreAtOpenString(head, reading)
  return isWhole ? scoreOfWhole(head, evidence) : 0
}

/** `union select` and words: more than a sentence about a union has. */
function scoreOfUnion(head: Head, { commas }: Evidence, isClosed: boolean): number {
  if (isClosed) return 0.9
  if (head === 'missing') return commas > 0 ? 0.7 : 0
  return head === 'name' ? 0 : 0.9
}

/** `something like '`: what was to be matched is to come from the statement. */
function scoreAtOpenString(head: Head, { evidence, tail, tokens }: Reading): number {
  const { comparisons, patterns, leading } = evidence
  if (head === 'missing') return comparisons > 0 ? 0.6 : 0
  // `'x'!='y`: the quotes around it are to come from the statement.
  if (head === 'value' && comparisons === 1 && tokens === 3 && /^\w{1,12}$/.test(tail)) return 0.6
  if (tail !== '') return 0
  return leading || (patterns > 0 && tokens === 3) ? 0.6 : 0
}

/** A call that only attacks make, with nothing before it: it takes more than its name. */
function scoreOfLeadingCall(
  { constants, calls, links, reach }: Evidence,
  isWhole: boolean,
  isClosed: boolean,
) {
  if (isClosed || constants > 0) return 0.8
  if (!isWhole) return 0
  return links > 0 || calls > (reach ? 2 : 0) ? 0.6 : 0
}

function scoreAtComment(head: Head, evidence: Evidence): number {
  if (evidence.opening === 'code' || evidence.clauses > 0) return 0.8
  if (evidence.ends && head !== 'name' && head !== 'missing') return 0.6
  return head !== 'name' && evidence.links + evidence.comparisons + evidence.calls > 0 ? 0.6 : 0
}

/** A condition that calls something or names nothing: `1 and 2 = north` may be a note. */
const isComparedWithCode = ({ links, comparisons, invocations, names }: Evidence): boolean =>
  links > 0 && comparisons > 0 && (invocations > 0 || names === 0)

function scoreOfWhole(head: Head, evidence: Evidence): number {
  if (head === 'nested' && evidence.opening === 'code') return 0.6
  const { links, comparisons, calls, clauses, names } = evidence
  if (links > 0 && comparisons > 0 && calls > 1) return 0.7
  if (head === 'name') return clauses > 0 && links > 1 && names < 2 ? 0.6 : 0
  if (head === 'call') return 0
  if (evidence.clauses > 0) return head === 'number' ? 0.7 : 0
  if (head === 'number' && evidence.signs > 0 && evidence.links > 0 && evidence.names === 0)
    return 0.6
  if (head === 'number' && isComparedWithCode(evidence)) return 0.7
  if (evidence.links === 0 || evidence.calls + evidence.booleans === 0) return 0
  return head === 'number' || evidence.names === 0 ? 0.7 : 0
}
