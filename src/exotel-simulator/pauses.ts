import { clearTimeout, setTimeout } from 'node:timers'

/** Waits that end early, all of them, when the simulator is closed. */
export interface Pauses {
  readonly closed: boolean
  /** @param milliseconds not waited for at all, where it is none */
  wait(milliseconds: number): Promise<void>
  close(): void
}

/** One timer for what waits, none for what does not. None keeps the process alive. */
export function pauses(): Pauses {
  const open = new Set<() => void>()
  let closed = false
  return {
    get closed() {
      return closed
    },
    wait(milliseconds) {
      if (closed || milliseconds <= 0) return Promise.resolve()
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          open.delete(end)
          resolve()
        }
        const timer = setTimeout(end, milliseconds)
        timer.unref()
        open.add(end)
      })
    },
    close() {
      closed = true
      for (const end of [...open]) end()
    },
  }
}
