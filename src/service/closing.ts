import type { Logger } from '../log/index.ts'

/** Closes one part within so many milliseconds. */
export type Closer = (timeout: number) => Promise<unknown>

/** At least this long for each part, however late it is: a flush that never began loses for sure. */
const leastTime = 500

/** Closes the parts in the reverse order of their opening. @param deadline as of `performance.now()` */
export async function closeAll(closers: Closer[], log: Logger, deadline: number): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    const timeout = Math.max(leastTime, deadline - performance.now())
    await Promise.race([close(timeout), delay(timeout + leastTime)]).catch((error: unknown) =>
      log.error({ error }, 'a part did not close'),
    )
  }
}

/** Waits. */
export const delay = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
