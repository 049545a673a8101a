/** How much of a request may still be looked at. */
export interface Budget {
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
  const taker = (least: number, whole: number) => {
    let left = whole
    return (text: string): string => {
      const part = text.length > left ? endsOf(text, left) : text
      left = Math.max(0, left - Math.max(least, part.length))
      if (part.length < text.length) onCut()
      return part
    }
  }
  return { shown: taker(leastShown, length), judged: taker(leastJudged, depth) }
}

/** The beginning and the end of a long text, since an attack is as often put behind it. */
function endsOf(text: string, length: number): string {
  const tail = length >> 2
  return text.slice(0, length - tail) + text.slice(text.length - tail)
}
