/** How much of a request may still be looked at. */
export interface Budget {
  /** Whether nothing may be any more. */
  readonly isSpent: boolean
  /** As much of a text as may be looked at at all. */
  shown(text: string): string
  /** As much of it as may be looked at in depth. */
  judged(text: string): string
}

/** What the shortest text counts for: a request of a thousand of them is not for nothing. */
const leastShown = 16
const leastJudged = 64

/**
 * Counts what is looked at of one request, in characters.
 *
 * @param onCut hears of each text that is not looked at whole
 */
export function budget(length: number, depth: number, onCut: () => void): Budget {
  let toShow = length
  let toJudge = depth
  const part = (text: string, left: number): string => {
    if (text.length <= left) return text
    onCut()
    return endsOf(text, left)
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
      const judged = part(text, toJudge)
      toJudge = Math.max(0, toJudge - Math.max(leastJudged, judged.length))
      return judged
    },
  }
}

/** The beginning and the end of a long text, since an attack is as often put behind it. */
function endsOf(text: string, length: number): string {
  const tail = length >> 2
  return text.slice(0, length - tail) + text.slice(text.length - tail)
}
