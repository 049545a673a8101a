/** How many times longer than a run the rest after it is: runs take a fifth of the time at most. */
const restFactor = 4

/** Milliseconds that nobody is kept waiting longer by a rest. */
const longestRest = 1000

/**
 * Shares costly work among all who ask for it at the same time. Whoever asks while it runs gets the
 * next run's result, with all others who do: nothing is older than its question. After each run
 * there is a rest, so that a flood of askers costs a fifth of the time and no more; one who asks now
 * and then never waits.
 */
export function paced<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<Result> | undefined
  let restsUntil = 0

  async function run(before: Promise<unknown>): Promise<Result> {
    await before.catch(() => undefined)
    const rest = restsUntil - performance.now()
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
    next = undefined
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      const now = performance.now()
      restsUntil = now + Math.min(longestRest, restFactor * (now - startedAt))
    }
  }

  return () => {
    if (next === undefined) {
      next = run(last)
      last = next
    }
    return next
  }
}
