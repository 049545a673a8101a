import { setTimeout } from 'node:timers'

/** How late the event loop is, as work itself finds out: without work there is no timer. */
export interface LoopLag {
  /** Called with each piece of work: sees to it that the lag is being measured. */
  touch(): void
  /** The average lag in milliseconds; recent lag counts most. */
  readonly average: number
}

/** Milliseconds between two looks. */
const interval = 50

/**
 * Milliseconds after which a lag counts little more than a third. One second rides out a stop of
 * the garbage collector, or a burst of connections; what lasts for two is no burst.
 */
const memory = 1000

/**
 * Measures by how late a timer comes. Not by a histogram of `node:perf_hooks`, which is wrong under
 * Deno, nor by an interval, which somebody would have to stop.
 *
 * @param watching whether to go on looking although no work comes, for who waits for the end of it
 * @param onLook called after each look
 */
export function loopLag(watching: () => boolean, onLook: () => void): LoopLag {
  let average = 0
  let looking = false
  let touched = false
  let lastLook = performance.now()

  const learn = (lag: number, elapsed: number) => {
    average += (lag - average) * -Math.expm1(-elapsed / memory)
  }

  const look = () => {
    looking = true
    const due = performance.now() + interval
    setTimeout(() => {
      const now = performance.now()
      looking = false
      learn(Math.max(0, now - due), now - lastLook)
      lastLook = now
      // Steady work is watched without a gap: a stall could begin in it and not be seen.
      if (touched || watching()) look()
      touched = false
      onLook()
    }, interval).unref()
  }

  return {
    touch() {
      touched = true
      if (looking) return
      // Nothing was late while there was nothing to do.
      const now = performance.now()
      learn(0, now - lastLook)
      lastLook = now
      look()
    },
    get average() {
      return average
    },
  }
}
