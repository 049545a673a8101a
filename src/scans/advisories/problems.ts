import { oneLine } from './text.ts'

/** What a source could not tell, counted by its reason: a registry that is down is one sentence, not forty. */
export class Gaps {
  readonly #counts = new Map<string, number>()
  readonly #sentence: (count: number, why: string) => string

  /** @param sentence what is told for a reason that was met as often as that */
  constructor(sentence: (count: number, why: string) => string) {
    this.#sentence = sentence
  }

  /** Notes a reason. @param count packages, records or questions that it cost */
  add(why: string, count = 1): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + count)
  }

  /** A sentence for each reason, in the order that they were met. */
  get sentences(): string[] {
    return [...this.#counts].map(([why, count]) => this.#sentence(count, why))
  }
}

/** `1 package`, `2 packages`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`

/** The first few of a list, and how many more there are. */
export function few(all: readonly string[], most = 3): string {
  const shown = oneLine(all.slice(0, most).join(', '))
  return all.length > most ? `${shown} and ${all.length - most} more` : shown
}
