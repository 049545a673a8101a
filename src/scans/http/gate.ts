/** A bound on what is under way at one time; the rest waits in the order it came. */
export function gate(places: number) {
  let free = places
  const waiting: (() => void)[] = []

  function leave() {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  /** @returns undefined where the signal came before a place did */
  return async function inTurn<T>(
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      // Who waits is let through when a place is free, and all places are soon, once the signal has come.
      return signal.aborted ? undefined : await work()
    } finally {
      leave()
    }
  }
}
