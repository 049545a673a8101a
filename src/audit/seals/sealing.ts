import type { SignedSeal } from './seal.ts'
import { type SealMaker, sealOnce } from './sealer.ts'

/** Options of {@linkcode startSealing}. */
export interface SealingOptions extends SealMaker {
  /** Milliseconds between two looks for what is to be sealed. @default 2000 */
  readonly interval?: number
  /** Hears of each seal that this process made, in order, once it is committed. */
  readonly onSeal: (seal: SignedSeal) => void
  /** Hears that a round failed; the next one tries again. */
  readonly onError: (error: unknown) => void
}

/** The sealing of this process. */
export interface Sealing {
  /** Seals all that can be sealed now, after a round that is under way. @throws what the database throws */
  sealNow(): Promise<void>
  /** Milliseconds since a round last ended well, whoever it was that sealed. */
  quietFor(): number
  /** Ends the round that is under way, makes a last one, and no more. */
  close(): Promise<void>
}

/** A database that is written to faster than it is sealed must not keep a stop waiting. */
const lastRounds = 50

/**
 * Seals the trail every few seconds. Every replica does: of those who come at the same time one goes
 * to work, and the others leave. What was written and not sealed yet is as old as the interval and
 * the longest transaction under way at most.
 */
export function startSealing(options: SealingOptions): Sealing {
  const { interval = 2000, onSeal, onError } = options
  let lastDone = performance.now()
  let running: Promise<void> | undefined
  let closing = false

  async function rounds(most: number): Promise<void> {
    for (let round = 0; round < most; round += 1) {
      const { seals, more } = await sealOnce(options)
      lastDone = performance.now()
      for (const seal of seals) onSeal(seal)
      if (!more) return
    }
  }

  function run(most: number): Promise<void> {
    const before = running ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(() => rounds(most))
    running = mine
    return mine.finally(() => {
      if (running === mine) running = undefined
    })
  }

  const timer = setInterval(() => {
    // A round that takes longer than the interval is not overtaken.
    if (running === undefined && !closing) run(Number.POSITIVE_INFINITY).catch(onError)
  }, interval)
  timer.unref()

  return {
    sealNow: () => run(Number.POSITIVE_INFINITY),
    quietFor: () => performance.now() - lastDone,
    async close() {
      closing = true
      clearInterval(timer)
      await run(lastRounds).catch(onError)
    },
  }
}
