/** So often a text must have come before it is prepared. */
const threshold = 5

/** Prepared statements stay on the server, in every connection: so many texts at most. */
const mostPrepared = 256

/** Texts that are being counted; when there are more, counting begins anew. */
const mostCounted = 1024

/** A longer text (an insert of many rows) is no gain to prepare, and costs memory to keep. */
const longest = 8192

/**
 * Finds the statements that come again and again, though nobody named them. Unprepared, each takes
 * two turns to the server instead of one, and is parsed and planned every time.
 */
export class RepeatedTexts {
  readonly #counts = new Map<string, number>()
  readonly #repeated = new Set<string>()

  /** Counts one use, and says whether the text is worth preparing by now. */
  note(text: string): boolean {
    if (this.#repeated.has(text)) return true
    if (text.length > longest || this.#repeated.size >= mostPrepared) return false
    const count = (this.#counts.get(text) ?? 0) + 1
    if (count >= threshold) {
      this.#counts.delete(text)
      this.#repeated.add(text)
      return true
    }
    if (this.#counts.size >= mostCounted) this.#counts.clear()
    this.#counts.set(text, count)
    return false
  }
}
