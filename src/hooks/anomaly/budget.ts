import { effortOf } from './effort.ts'

/** How much of a request may still be looked at. */
export interface Budget {
  /** Whether nothing may be any more. */
  readonly isSpent: boolean
  /** As much of a text as may be looked at at all. */
  shown(text: string): string
  /** As much of it as may be looked at in depth. */
  judged(text: string): string
  /** The same of a text that stands in one which was shown and judged. */
  opened(text: string): string
  /** Whether a text may be read as a document of its own. */
  mayOpen(text: string): boolean
}

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

/**
 * Counts what is looked at of one request: characters, and the work that they are.
 *
 * @param onCut hears of each text that is not looked at whole
 */
export function budget(length: number, depth: number, onCut: () => void): Budget {
  let toShow = length
  let toJudge = depth
  let effort = depth * effortOfCharacter
  const part = (text: string, left: number): string => {
    if (text.length <= left) return text
    onCut()
    return endsOf(text, left)
  }
  const worked = (text: string): string => {
    const part = effort < leastEffort ? '' : fitting(text, effort)
    if (part.length < text.length) onCut()
    if (part !== '') effort = Math.max(0, effort - effortOf(part))
    return part
  }
  return {
    get isSpent() {
      return toShow === 0
    },
    shown(text) {
      const shown = part(text, toShow)
      toShow = Math.max(0, toShow - Math.max(leastShown, shown.length))
      return shown
    },
    judged(text) {
      const judged = worked(part(text, toJudge))
      toJudge -= judged.length
      return judged
    },
    opened: worked,
    mayOpen(text) {
      const needed = effortOfDocument + text.length * effortOfRead
      const may = needed <= effort
      if (may) effort -= needed
      else onCut()
      return may
    },
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
