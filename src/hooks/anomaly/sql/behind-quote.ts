import type { Context } from './contexts.ts'
import type { Evidence } from './evidence.ts'
import type { Reading } from './read.ts'

/** One word, number or address, as a value that is sent by honest clients. */
const simpleHead = /^[\s(]{0,4}[-+]?[\p{L}\p{N}\p{M}_.@%*\\-]{0,40}[\s)'"`]{0,4}$/u

/** What a tester puts into the string that the statement closes: a word, a number, a pattern. */
const simpleTail =
  /^[.%@^$*[\]-]{0,4}[\p{L}\p{N}_%][\p{L}\p{N}_.%@^$*[\]-]{0,24}(?:\(\d{0,4}\))?[\s;]{0,2}$/u

/** A value of several words, as the name of a person or a product. */
const plausibleHead = /^[^\s=;(){}<>]{0,32}(?: [^\s=;(){}<>]{1,32}){0,6}$/

/** Whether a comment is meant to stand behind it, that is not spoken of. */
const isPlausible = ({ head, quote }: Context, tail: string): boolean =>
  quote !== '`' && (plausibleHead.test(head) || head.trim() === '') && /^[-+\s]*$/.test(tail)

/** Whether a value is one that honest clients send. */
export const isSimple = ({ head }: Context): boolean => simpleHead.test(head)

/** Inches: `3 1/2" - 4`. */
const isMeasure = ({ head, quote }: Context): boolean => quote === '"' && /\d\s?$/.test(head)

/** How sure it is that a text ends a string and goes on as SQL, once it was read as such. */
export function scoreBehindQuote(context: Context, reading: Reading): number {
  const { evidence, ending, tokens } = reading
  if (ending === 'decided') return 1
  const simple = isSimple(context)
  const { constants, links, comparisons, union, subquery, clauses } = evidence
  if (evidence.unmarked && ending !== 'comment') return 0
  if (union === 'words' || subquery === 'words')
    return ending === 'broken' && !(simple && links > 0) ? 0.4 : 0.9
  if (ending === 'comment') return scoreAtComment(context, reading, simple)
  if (links + clauses > 0 && constants > 0) return simple || ending !== 'broken' ? 0.9 : 0.4
  if (!(simple || (isCondition(evidence) && plausibleHead.test(context.head)))) return 0
  if (tokens === 0 || (isMeasure(context) && !isCondition(evidence))) return 0
  if (links > 0 && evidence.calls > 1) return 0.7
  if (context.quote === '`' && !(links > 0 && comparisons > 0)) return 0
  if (ending === 'open') return scoreOfOpenString(context, reading)
  if (ending === 'cut') return links > 0 && comparisons + evidence.calls > 0 ? 0.7 : 0
  if (ending === 'dangling' && clauses > 0 && tokens > 4 && reading.tail !== '') return 0.7
  if (ending === 'dangling') return comparisons > 0 && evidence.names === 0 && links > 0 ? 0.6 : 0
  return ending === 'end' ? scoreAtEnd(context, reading) : 0
}

/** The same where the quote seems to open a quotation: `the word 'or' is` is none. */
export const scoreOfQuotation = ({ ending, evidence, tail }: Reading): number => {
  if (ending === 'decided') return 0.9
  return evidence.constants > 0 && (ending === 'comment' || ending === 'open') && tail.length < 24
    ? 0.8
    : 0
}

/** What is more than two measures: `3" or 4"`. */
const isCondition = ({ links, comparisons, calls, operators, booleans }: Evidence): boolean =>
  links > 0 && comparisons + calls + operators + booleans > 0

function scoreAtComment(context: Context, { evidence, tail, tokens }: Reading, simple: boolean) {
  const { constants, links, comparisons, clauses } = evidence
  // SQL Server kept statements with `sp_password` in them out of its logs.
  const hidesNothing = /^(?:[-+\s'"`;]*|\s*sp_password\s*)$/.test(tail)
  if (constants > 0) return 0.9
  if (links + comparisons + clauses > 0 && hidesNothing) return 0.9
  if (hidesNothing && (simple || isPlausible(context, tail)))
    return scoreAtBareComment(context, tail, tokens)
  if (!simple || (isMeasure(context) && !isCondition(evidence))) return 0
  if (comparisons + clauses > 0) return tail.length < 24 ? 0.7 : 0
  if (links > 0) return /^\s?\S{0,20}$/.test(tail) || evidence.names === 0 ? 0.7 : 0
  return /^\s?\w{1,16}$/.test(tail) && context.head !== '' ? 0.6 : 0
}

/** Nothing stands between the value and the comment, or nothing but parentheses and semicolons. */
const scoreAtBareComment = ({ head }: Context, tail: string, tokens: number): number =>
  tokens > 0 || head !== '' || /^[-+\s]*$/.test(tail) ? 0.8 : 0

function scoreAtEnd({ head }: Context, { evidence }: Reading): number {
  const { links, comparisons, calls, clauses, names } = evidence
  if (clauses > 0) return 0.8
  if (links === 0) return comparisons > 0 && names === 0 ? 0.6 : 0
  if (comparisons > 0 || calls > 0) return 0.7
  return head.trim() === '' && names === 0 ? 0.6 : 0
}

function scoreOfOpenString({ head }: Context, { evidence, tail, tokens }: Reading): number {
  const { links, comparisons, operators, names, signs, calls, patterns, clauses } = evidence
  if (tail.trim() === '') {
    if (links > 0 && comparisons > 0) return 0.8
    if (links > 1 && evidence.invocations > 0) return 0.6
    if (links === 1 && tokens === 2 && /^\w{1,24}$/.test(head)) return 0.6
    if (calls > 0 && operators + links > 0) return 0.7
    if (names > 0) return comparisons > 0 && operators > 2 ? 0.6 : 0
    if (links > 0 && head.trim() === '') return tokens > 2 ? 0.6 : 0
    return operators > 1 || (patterns > 0 && head === '') ? 0.6 : 0
  }
  if (clauses > 0 && /^['"]?\w[^,]{0,24}$/.test(tail)) return 0.7
  if (patterns > 0 && /^[%^_.][.*%$_]{0,8}$/.test(tail)) return 0.7
  if (links > 0 && tokens === 2 && head === '' && /^\d{1,8}=\d{1,8}[#;-]{0,4}$/.test(tail))
    return 0.7
  if (!simpleTail.test(tail)) return 0
  if (links + comparisons + signs > 0) return 0.7
  if (operators > 0 && /\d$/.test(head) && /^\d/.test(tail)) return 0.6
  return calls > 0 ? 0.6 : 0
}
