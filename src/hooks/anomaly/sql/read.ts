import type { Evidence } from './evidence.ts'
import { readOperand } from './operands.ts'
import { readOperator } from './operators.ts'
import { Reader } from './reader.ts'

/** How reading came to its end. */
export type Ending =
  /** At the end of the text, behind an operand. */
  | 'end'
  /** At a comment that hides the rest, behind an operand. */
  | 'comment'
  /** In a string that the statement around the value will close. */
  | 'open'
  /** Where an operand was missing. */
  | 'dangling'
  /** At what no SQL goes on like. */
  | 'broken'
  /** Before the end, as what was seen is enough. */
  | 'decided'

/** What a text is when read as SQL from some place on. */
export interface Reading {
  readonly evidence: Evidence
  readonly ending: Ending
  /** What the comment says, or what is in the open string. */
  readonly tail: string
  /** How many tokens were understood. */
  readonly tokens: number
}

/** More tokens than any attack needs until it is known for one. */
const mostTokens = 4000

/**
 * Reads a text in lower case as SQL, from an index on, as far as it goes.
 *
 * @param behind whether a value ends at the index, so that the text has to go on from it
 */
export function readSql(text: string, start: number, behind: boolean): Reading {
  const reader = new Reader(text, start, behind)
  const [ending, tail] = read(reader)
  const { evidence, taken } = reader
  if (ending === 'broken' && reader.countedAt === taken) evidence.constants -= 1
  return { evidence, ending, tail, tokens: taken }
}

function read(reader: Reader): readonly [Ending, string] {
  for (let i = 0; i < mostTokens; i += 1) {
    const { kind, text, open } = reader.peek()
    if (kind === 'end') return [reader.wants ? 'dangling' : 'end', '']
    if (kind === 'comment') return [reader.wants ? 'dangling' : 'comment', text]
    const isRead = reader.wants ? readOperand(reader) : readOperator(reader)
    if (!isRead) return ['broken', '']
    if (open) return ['open', text]
    if (isDecided(reader.evidence)) return ['decided', '']
  }
  return ['broken', '']
}

const isDecided = ({ attack, statement, union, subquery }: Evidence): boolean =>
  attack || statement || union === 'code' || subquery === 'code'
