/** A small load balancer: in turn, over those that say they are ready. */

/** One place to send requests to, and what sends them there. */
export interface Backend<Sender> {
  /** Asked anew each time: a replica that starts again is another process. */
  readonly url: () => URL
  readonly client: () => Sender
}

/** Milliseconds between two looks at `/health/ready`, and for which one may take. */
const interval = 100
const patience = 1000

/** Starts looking at the backends. All count as ready until they have been asked. */
export function balance<Sender>(backends: readonly Backend<Sender>[]) {
  const unready = new Set<Backend<Sender>>()
  let closed = false
  let turn = 0

  async function look(backend: Backend<Sender>): Promise<void> {
    const url = new URL('/health/ready', backend.url())
    const signal = AbortSignal.timeout(patience)
    const answer = await fetch(url, { signal }).catch(() => undefined)
    if (answer?.status === 200) unready.delete(backend)
    else unready.add(backend)
    await answer?.body?.cancel()
  }

  const looking = Promise.all(
    backends.map(async (backend) => {
      while (!closed) {
        await look(backend)
        await new Promise((resolve) => setTimeout(resolve, interval))
      }
    }),
  )
  return {
    /** @throws if there is none: at no moment of a rolling restart may that be so */
    next(): Sender {
      const ready = backends.filter((backend) => !unready.has(backend))
      const chosen = ready[turn++ % ready.length]
      if (chosen === undefined) throw new Error('No replica is ready')
      return chosen.client()
    },
    async close(): Promise<void> {
      closed = true
      await looking
    },
  }
}
