import { effortOf } from './effort.ts'

/** What the shortest text counts for: a request of a thousand of them is not for nothing. */
const leastShown = 32

/** What it is to read a document of JSON, and each of its characters. */
const effortOfDocument = 3
const effortOfRead = 0.01

/** What it is to look at anything in depth. */
const leastEffort = 4.5

/**
 * The work that goes with a character of depth, in the measure of {@linkcode effortOf}: 16,384 of
 * prose and of code may be looked at, and some 2,000 of nothing but signs.
 */
const effortOfCharacter = 0.025

/** How much of a request may still be looked at: characters, and the work that they are. */
export class Budget {
  readonly #onCut: () => void
  #toShow: number
  #toJudge: number
  #effort: number

  /**
   * @param length characters that may be looked at
   * @param depth characters of these that may be looked at in depth
   * @param onCut hears of each text that is not looked at whole
   */
  constructor(length: number, depth: number, onCut: () => void) {
    this.#toShow = length
    this.#toJudge = depth
    this.#effort = depth * effortOfCharacter
    this.#onCut = onCut
  }

  /** Whether nothing may be any more. */
  get isSpent(): boolean {
    return this.#toShow === 0
  }

  /** As much of a text as may be looked at at all. */
  shown(text: string): string {
    const shown = this.#part(text, this.#toShow)
    this.#toShow = Math.max(0, this.#toShow - Math.max(leastShown, shown.length))
    return shown
  }

  /** As much of it as may be looked at in depth. */
  judged(text: string): string {
    const judged = this.opened(this.#part(text, this.#toJudge))
    this.#toJudge -= judged.length
    return judged
  }

  /** The same of a text that stands in one which was shown and judged. */
  opened(text: string): string {
    const part = this.#effort < leastEffort ? '' : fitting(text, this.#effort)
    if (part.length < text.length) this.#onCut()
    if (part !== '') this.#effort = Math.max(0, this.#effort - effortOf(part))
    return part
  }

  /** Whether a text may be read as a document of its own, too. */
  mayOpen(text: string): boolean {
    const needed = effortOfDocument + text.length * effortOfRead
    const may = needed <= this.#effort
    if (may) this.#effort -= needed
    else this.#onCut()
    return may
  }

  #part(text: string, left: number): string {
    if (text.length <= left) return text
    this.#onCut()
    return endsOf(text, left)
  }
}

/** The beginning and the end of a long text, since an attack is as often put behind it. */
function endsOf(text: string, length: number): string {
  const tail = length >> 2
  return text.slice(0, length - tail) + text.slice(text.length - tail)
}

/** Less than that of a text tells nothing. */
const leastPart = 16

/** As much of the ends of a text as is so much work: that grows with the root of what is taken. */
function fitting(text: string, effort: number): string {
  let part = text
  for (let needed = effortOf(part); needed > effort; needed = effortOf(part)) {
    const share = Math.min(0.8, (effort / needed) ** 2)
    const length = Math.floor(part.length * share)
    if (length < leastPart) return ''
    part = endsOf(text, length)
  }
  return part
}
