import { type Evidence, noEvidence } from './evidence.ts'
import { type Token, tokenAt } from './tokens.ts'

/** What an operand is worth in a comparison: `head` has the value that the code broke out of. */
export type Side = 'none' | 'head' | 'constant' | 'other'

/** What is open: the outermost expression, or one within parentheses. */
export interface Frame {
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
  /** What is read, in lower case. */
  readonly text: string
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
  private readonly ahead: Token[] = []
  private readonly frames: Frame[]
  private end: number

  constructor(text: string, start: number, behind: boolean) {
    this.text = text
    this.behind = behind
    this.end = start
    this.wants = !behind
    this.frames = [frameOf(undefined, behind ? 'head' : 'none', false)]
  }

  /** The token that comes next, or one of those behind it. */
  peek(distance = 0): Token {
    while (this.ahead.length <= distance) {
      const next = tokenAt(this.text, this.ahead.at(-1)?.end ?? this.end)
      this.ahead.push(next)
    }
    return this.ahead[distance] ?? tokenAt(this.text, this.text.length)
  }

  /** Moves on behind the next tokens. */
  take(count = 1): true {
    for (let i = 0; i < count; i += 1) {
      const token = this.peek()
      this.ahead.shift()
      this.end = token.end
      this.last = token
      this.taken += 1
    }
    return true
  }

  /** Whether the next tokens are these, by their texts. */
  follows(...texts: readonly string[]): boolean {
    return texts.every((text, i) => this.peek(i).text === text && this.peek(i).kind !== 'string')
  }

  /** The expression that is being read. */
  get frame(): Frame {
    return this.frames.at(-1) ?? this.restart()
  }

  /** How many parentheses are open. */
  get depth(): number {
    return this.frames.length - 1
  }

  /** Opens a parenthesis. */
  open(call: string | undefined): true {
    const { linked } = this.frame
    this.frame.fresh = false
    this.frames.push(frameOf(call, 'none', linked))
    this.wants = true
    return true
  }

  /** Closes a parenthesis; undefined where the text has not opened one. */
  close(): Frame | undefined {
    return this.depth > 0 ? this.frames.pop() : undefined
  }

  /** Begins another statement. */
  restart(): Frame {
    const frame = frameOf(undefined, 'none', true)
    this.frames.splice(0, this.frames.length, frame)
    this.wants = true
    return frame
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
    else frame.left = joined(frame.left, side)
    this.wants = false
    return true
  }

  private endComparison(frame: Frame, side: Side): void {
    frame.compares = false
    if (frame.linked && frame.left === 'constant' && side === 'constant') {
      this.evidence.constants += 1
      this.countedAt = this.taken
    }
    frame.left = 'other'
  }
}

const joined = (left: Side, right: Side): Side =>
  left === 'none' ? right : left === 'constant' && right === 'constant' ? 'constant' : 'other'

const frameOf = (call: string | undefined, left: Side, linked: boolean): Frame => ({
  call,
  selects: false,
  fresh: true,
  cases: 0,
  left,
  compares: false,
  between: false,
  linked,
  pure: true,
  aliased: false,
})
