import { stronger } from './evidence.ts'
import { selectList } from './selecting.ts'
import type { Step, Steps } from './step.ts'

/** How many parentheses may stand before a SELECT. */
const mostParentheses = 32

/** UNION and its kin, with the SELECT that follows. */
const setOperation: Step = (reader) => {
  reader.take()
  let { veiled } = reader.peek()
  while (/^(?:all|distinct|distinctrow)$/.test(reader.peek().text)) reader.take()
  reader.restart()
  let parentheses = 0
  for (; parentheses < mostParentheses && reader.follows('('); parentheses += 1) {
    reader.take()
    reader.open(undefined)
  }
  // One may be a sentence's: `the union (select members only)`.
  veiled ||= parentheses > 1
  if (reader.follows('values', '(') || reader.follows('table')) {
    reader.evidence.union = 'code'
    return true
  }
  if (!reader.follows('select')) return false
  veiled ||= reader.peek().veiled
  const selects = selectList(reader)
  reader.evidence.union = stronger(reader.evidence.union, veiled ? 'code' : selects)
  return true
}

/** A clause that begins with an operand. */
const clause: Step = (reader) => {
  reader.take()
  return reader.separate(false)
}

/** A clause that is a condition; or what MySQL does where a row is there already. */
const filter: Step = (reader) => {
  if (reader.follows('on', 'duplicate', 'key', 'update')) {
    reader.evidence.clauses += 1
    return reader.take(4) && reader.separate(false)
  }
  reader.evidence.links += 1
  reader.take()
  return reader.separate(true)
}

/** Without a GROUP BY before it, it tells the names of columns by its errors. */
const having: Step = (reader) => {
  reader.evidence.clauses += 1
  return filter(reader)
}

/** `order by 4`: what it is ordered by tells code from prose. */
const ordering: Step = (reader) => {
  if (reader.peek(1).text !== 'by') return false
  reader.take(2)
  const isCode =
    /^(?:number|string)$/.test(reader.peek().kind) ||
    reader.follows('(') ||
    reader.peek(1).text === '('
  if (isCode) reader.evidence.clauses += 1
  return reader.separate(false)
}

const limit: Step = (reader) => {
  const { kind, text } = reader.peek(1)
  const isCount = kind === 'number' || text === '(' || kind === 'variable'
  if (!isCount && !reader.frame.selects) return false
  if (isCount) reader.evidence.clauses += 1
  clause(reader)
  if (isCount && /^rows?$/.test(reader.peek(1).text)) reader.take()
  return true
}

/** `fetch first 3 rows only`, DB2's and the standard's LIMIT. */
const fetch: Step = (reader) => {
  if (!/^(?:first|next)$/.test(reader.peek(1).text) || reader.peek(2).kind !== 'number')
    return false
  if (!/^rows?$/.test(reader.peek(3).text) || reader.peek(4).text !== 'only') return false
  reader.evidence.clauses += 1
  return reader.take(5)
}

/** `allow filtering`, Cassandra's. */
const allow: Step = (reader) => {
  if (reader.peek(1).text !== 'filtering') return false
  reader.evidence.clauses += 1
  return reader.take(2)
}

/** `lock in share mode`. */
const lock: Step = (reader) => {
  if (!reader.follows('lock', 'in', 'share', 'mode')) return false
  reader.evidence.clauses += 1
  return reader.take(4)
}

/** MySQL's PROCEDURE ANALYSE tells by its errors. */
const procedure: Step = (reader) => {
  if (reader.peek(2).text !== '(') return false
  if (reader.peek(1).text === 'analyse') reader.evidence.attack = true
  return clause(reader)
}

/** INTO OUTFILE writes files. */
const into: Step = (reader) => {
  const { kind, text } = reader.peek(1)
  if (/^(?:outfile|dumpfile)$/.test(text)) {
    reader.evidence.attack = true
    reader.evidence.reach = true
  }
  if (kind === 'variable') reader.evidence.clauses += 1
  return clause(reader)
}

/** The words that begin a clause. */
export const clauses: Steps = new Map<string, Step>(
  Object.entries({
    union: setOperation,
    except: setOperation,
    intersect: setOperation,
    minus: setOperation,
    from: clause,
    on: filter,
    where: filter,
    having,
    order: ordering,
    group: ordering,
    limit,
    offset: limit,
    fetch,
    lock,
    allow,
    procedure,
    into,
    separator: clause,
    using: clause,
    against: clause,
    returning: clause,
  }),
)
