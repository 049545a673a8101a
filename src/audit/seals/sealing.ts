import type { SignedSeal } from './seal.ts'
import { type SealMaker, sealOnce } from './sealer.ts'
import { type HoldUp, waitingWatch, whoHoldsUp } from './waiting.ts'

/** Options of {@linkcode startSealing}. */
export interface SealingOptions extends SealMaker {
  /** Milliseconds between two looks for what is to be sealed. @default 2000 */
  readonly interval?: number
  /** Milliseconds that a row may wait before it is a matter to tell of. @default 60000 */
  readonly patience?: number
  /** Hears of each seal that this process made, in order, once it is committed. */
  readonly onSeal: (seal: SignedSeal) => void
  /** Hears that a round failed; the next one tries again. */
  readonly onError: (error: unknown) => void
}

/** How it is with the sealing, whichever replica it is that seals. */
export interface SealingStatus {
  /** What the last round failed with; undefined once one has ended well. */
  readonly failure: unknown
  /** Milliseconds since a round last ended well, with seals or without. */
  readonly quiet: number
  /** Set while a row waits longer than the patience to be sealed. */
  readonly holdUp: HoldUp | undefined
}

/** The sealing of this process. */
export interface Sealing {
  /** Seals all that can be sealed now, after a round that is under way. @throws what the database throws */
  sealNow(): Promise<void>
  status(): SealingStatus
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
  const { client, interval = 2000, patience = 60_000, onSeal, onError } = options
  const waiting = waitingWatch(() => performance.now())
  let lastDone = performance.now()
  let failure: unknown
  let holdUp: HoldUp | undefined
  let running: Promise<void> | undefined
  let closing = false

  async function rounds(most: number): Promise<void> {
    for (let round = 0; round < most; round += 1) {
      const { seals, more, left } = await sealOnce(options)
      lastDone = performance.now()
      failure = undefined
      for (const seal of seals) onSeal(seal)
      if (more) continue
      const waits = waiting.see(left)
      holdUp = waits > patience ? { waits, ...(await whoHoldsUp(client)) } : undefined
      return
    }
  }

  function failed(error: unknown): void {
    failure = error
    onError(error)
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
    if (running === undefined && !closing) run(Number.POSITIVE_INFINITY).catch(failed)
  }, interval)
  timer.unref()

  return {
    sealNow: () => run(Number.POSITIVE_INFINITY),
    status: () => ({ failure, quiet: performance.now() - lastDone, holdUp }),
    async close() {
      closing = true
      clearInterval(timer)
      await run(lastRounds).catch(failed)
    },
  }
}
