import { type Evidence, noEvidence } from './evidence.ts'
import type { Source } from './source.ts'
import { type Token, tokenBehind } from './tokens.ts'

/** What an operand is worth in a comparison: `head` has the value that the code broke out of. */
export type Side = 'none' | 'head' | 'constant' | 'other'

/** What is open: the outermost expression, or one within parentheses. */
export interface Frame {
  /** The expression around it. */
  readonly outer: Frame | undefined
  /** The function that the parentheses belong to; undefined where there is none. */
  readonly call: string | undefined
  /** Whether it is a SELECT, which has clauses and aliases. */
  selects: boolean
  /** Whether nothing has been read in it yet. */
  fresh: boolean
  /** How many CASE wait for their END. */
  cases: number
  /** What stands to the left of the next operator. */
  left: Side
  /** The name that stands there, if it is one token. */
  name: string | undefined
  /** Whether the next operand ends a comparison. */
  compares: boolean
  /** Whether an AND belongs to a BETWEEN. */
  between: boolean
  /** Whether comparisons count: those of the head itself do not. */
  linked: boolean
  /** Whether all its operands are constants. */
  pure: boolean
  /** Whether an operand has got a name already. */
  aliased: boolean
}

/** Where the tokens are and what was made of them. Grammar is in the files that move it on. */
export class Reader {
  /** Whether an operand has to come next; otherwise something has to go on from one. */
  wants: boolean
  /** What is read. */
  readonly source: Source
  /** Whether it is read behind a value, which it goes on from. */
  readonly behind: boolean
  /** What was seen so far. */
  readonly evidence: Evidence = noEvidence()
  /** The token behind which a constant comparison was counted last: what follows may undo it. */
  countedAt = -1
  /** How many tokens were taken. */
  taken = 0
  /** What was taken last. */
  last: Token | undefined
  /** The expression that is being read. */
  frame: Frame
  /** How many parentheses are open. */
  depth = 0
  private current: Token

  constructor(source: Source, first: Token, behind: boolean) {
    this.source = source
    this.behind = behind
    this.current = first
    this.wants = !behind
    this.frame = frameOf(undefined, undefined, behind ? 'head' : 'none', false)
  }

  /** The token that comes next, or one of those behind it. */
  peek(distance = 0): Token {
    let token = this.current
    for (let i = 0; i < distance; i += 1) token = tokenBehind(this.source, token)
    return token
  }

  /** Moves on behind the next tokens. */
  take(count = 1): true {
    for (let i = 0; i < count; i += 1) {
      this.last = this.current
      this.current = tokenBehind(this.source, this.current)
    }
    this.taken += count
    return true
  }

  /** Whether the next tokens are these, by their texts. */
  follows(...texts: readonly string[]): boolean {
    let token: Token | undefined
    for (const text of texts) {
      token = token === undefined ? this.current : tokenBehind(this.source, token)
      if (token.text !== text || token.kind === 'string') return false
    }
    return true
  }

  /** Opens a parenthesis. */
  open(call: string | undefined): true {
    const { frame } = this
    frame.fresh = false
    this.frame = frameOf(frame, call, 'none', frame.linked)
    this.depth += 1
    this.wants = true
    return true
  }

  /** Closes a parenthesis; undefined where the text has not opened one. */
  close(): Frame | undefined {
    const { frame } = this
    if (frame.outer === undefined) return undefined
    this.frame = frame.outer
    this.depth -= 1
    return frame
  }

  /** Begins another statement. */
  restart(): void {
    this.frame = frameOf(undefined, undefined, 'none', true)
    this.depth = 0
    this.wants = true
  }

  /** Goes on from an operand: the next one belongs to no comparison so far. */
  separate(linked: boolean): true {
    const { frame } = this
    frame.left = 'none'
    frame.compares = false
    frame.aliased = false
    frame.linked ||= linked
    this.wants = true
    return true
  }

  /** An operand has been read. */
  operand(side: Side): true {
    const { frame } = this
    frame.fresh = false
    frame.aliased = false
    if (side !== 'constant') frame.pure = false
    if (side === 'other') this.evidence.names += 1
    if (frame.compares) this.endComparison(frame, side)
    else {
      frame.name = frame.left === 'none' ? this.last?.text : undefined
      frame.left = joined(frame.left, side)
    }
    this.wants = false
    return true
  }

  /** Whether a name is compared with itself: `a = a`. */
  private isSame(name: string | undefined): boolean {
    return this.last?.kind === 'word' && this.last.text === name
  }

  private endComparison(frame: Frame, side: Side): void {
    frame.compares = false
    const isConstant = frame.left === 'constant' && side === 'constant'
    if (frame.linked && (isConstant || this.isSame(frame.name))) {
      this.evidence.constants += 1
      this.countedAt = this.taken
    }
    frame.left = 'other'
  }
}

const joined = (left: Side, right: Side): Side =>
  left === 'none' ? right : left === 'constant' && right === 'constant' ? 'constant' : 'other'

const frameOf = (
  outer: Frame | undefined,
  call: string | undefined,
  left: Side,
  linked: boolean,
): Frame => ({
  outer,
  call,
  selects: false,
  fresh: true,
  cases: 0,
  left,
  name: undefined,
  compares: false,
  between: false,
  linked,
  pure: true,
  aliased: false,
})
