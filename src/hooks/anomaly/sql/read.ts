import type { Evidence } from './evidence.ts'
import { readOperand } from './operands.ts'
import { readOperator } from './operators.ts'
import type { Reader } from './reader.ts'

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
  /** Before the end, as the text goes on as SQL for longer than is read. */
  | 'cut'

/** What a text is when read as SQL from some place on. */
export interface Reading {
  readonly evidence: Evidence
  readonly ending: Ending
  /** What the comment says, or what is in the open string. */
  readonly tail: string
  /** How many tokens were understood. */
  readonly tokens: number
}

/** More tokens than any attack needs until it is known for one: those of one place. */
const mostTokens = 250

/** Reads a text as SQL, from where a reader stands, as far as it goes. */
export function readSql(reader: Reader): Reading {
  const { ending, tail } = read(reader)
  const { evidence, taken } = reader
  // Junk may stand behind a comparison, but nothing that makes another one of it, or a sentence.
  if (ending === 'broken' && reader.countedAt === taken && !/^[{}\\]$/.test(reader.peek().text))
    evidence.constants -= 1
  return { evidence, ending, tail, tokens: taken }
}

const broken = { ending: 'broken', tail: '' } as const

function read(reader: Reader): Pick<Reading, 'ending' | 'tail'> {
  while (reader.taken < mostTokens) {
    const { kind, text, open } = reader.peek()
    if (kind === 'cut') break
    if (kind === 'end') return { ending: reader.wants ? 'dangling' : 'end', tail: '' }
    if (kind === 'comment') return { ending: reader.wants ? 'dangling' : 'comment', tail: text }
    const isRead = reader.wants ? readOperand(reader) : readOperator(reader)
    if (!isRead) return broken
    if (open) return { ending: 'open', tail: text }
    if (isDecided(reader.evidence)) return { ending: 'decided', tail: '' }
  }
  return { ending: 'cut', tail: '' }
}

const isDecided = ({ attack, statement, union, subquery }: Evidence): boolean =>
  attack || statement || union === 'code' || subquery === 'code'
