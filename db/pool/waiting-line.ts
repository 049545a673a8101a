/** Options of {@linkcode WaitingLine}. */
export interface WaitingLineOptions {
  /** Milliseconds after which one has waited long enough. */
  readonly timeout: number
  /** So many may wait. */
  readonly length: number
  /** Told, in milliseconds, how long one waited who was served. */
  readonly onServed: (waitedMs: number) => void
  /** Makes the error for one who is not served, while that one is still counted. */
  readonly unserved: (why: 'full' | 'timeout') => Error
}

interface Waiter<T> {
  readonly since: number
  resolve(thing: T): void
  reject(error: Error): void
}

/** Those who wait for a thing: a bounded line, first come, first served, none longer than the limit. */
export class WaitingLine<T> {
  readonly #options: WaitingLineOptions
  /** In the order of arrival, which is the order of their deadlines: one timer does for all. */
  readonly #waiters = new Set<Waiter<T>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: WaitingLineOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiters.size
  }

  /** Waits. Rejected with what `unserved` makes, or by {@linkcode turnAway}. */
  join(): Promise<T> {
    if (this.#waiters.size >= this.#options.length)
      return Promise.reject(this.#options.unserved('full'))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiters.add({ since: performance.now(), resolve, reject })
    this.#arm()
    return promise
  }

  /** Gives the thing to whoever has waited longest. Only where somebody waits: see `size`. */
  serve(thing: T): void {
    const [first] = this.#waiters
    if (first === undefined) throw new Error('Nobody waits')
    this.#waiters.delete(first)
    this.#options.onServed(performance.now() - first.since)
    first.resolve(thing)
  }

  /** Rejects those who have waited for at least so many milliseconds. */
  turnAway(error: Error, minWaitMs = 0): void {
    const now = performance.now()
    for (const waiter of this.#waiters) {
      if (now - waiter.since < minWaitMs) return
      this.#waiters.delete(waiter)
      waiter.reject(error)
    }
  }

  #arm(): void {
    const [first] = this.#waiters
    if (first === undefined || this.#timer !== undefined) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#expire()
        this.#arm()
      },
      first.since + this.#options.timeout - performance.now(),
    )
    // It outlives whom it was for: no command is to wait for it at its end.
    this.#timer.unref()
  }

  #expire(): void {
    // Timers may fire a fraction early: such a one must not cost a second timer.
    const due = performance.now() - this.#options.timeout + 1
    for (const waiter of this.#waiters) {
      if (waiter.since > due) return
      const error = this.#options.unserved('timeout')
      this.#waiters.delete(waiter)
      waiter.reject(error)
    }
  }
}
