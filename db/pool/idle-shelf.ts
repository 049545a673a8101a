import type { Connection } from './connection.ts'

/** Options of {@linkcode IdleShelf}. */
export interface IdleShelfOptions {
  /** Milliseconds after which an idle connection may be closed. */
  readonly timeout: number
  /** Whether there are more connections than are to be kept. */
  readonly hasSpare: () => boolean
}

/**
 * Connections without work. The one put back last is taken first, so that those which are not
 * needed grow old, and are closed, oldest first.
 */
export class IdleShelf {
  readonly #options: IdleShelfOptions
  /** Oldest first. */
  readonly #entries: { readonly connection: Connection; readonly since: number }[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: IdleShelfOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.length
  }

  take(): Connection | undefined {
    return this.#entries.pop()?.connection
  }

  put(connection: Connection): void {
    this.#entries.push({ connection, since: performance.now() })
    this.#arm()
  }

  /** Forgets a connection that is gone; false if it was not here. */
  remove(connection: Connection): boolean {
    const position = this.#entries.findIndex((entry) => entry.connection === connection)
    if (position >= 0) this.#entries.splice(position, 1)
    return position >= 0
  }

  /** Closes all of them; whoever hears of it removes them. */
  closeAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const { connection } of [...this.#entries]) connection.destroy()
  }

  #arm(): void {
    const [oldest] = this.#entries
    if (oldest === undefined || this.#timer !== undefined || !this.#options.hasSpare()) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#closeOld()
        this.#arm()
      },
      Math.max(0, oldest.since + this.#options.timeout - performance.now()),
    )
    this.#timer.unref()
  }

  #closeOld(): void {
    const due = performance.now() - this.#options.timeout + 1
    const old = this.#entries.filter(({ since }) => since <= due)
    for (const { connection } of old) {
      if (!this.#options.hasSpare()) return
      connection.destroy()
    }
  }
}
