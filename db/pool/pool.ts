import { DatabaseUnavailableError } from '../errors.ts'
import {
  Connection,
  type ConnectionOptions,
  type Statement,
  type StatementResult,
} from './connection.ts'
import { guarded, type PoolObserver, type PoolStats } from './observer.ts'

/** Options of {@linkcode Pool}. Durations are milliseconds. */
export interface PoolOptions {
  readonly connection: ConnectionOptions
  /** The most connections there may be, at least 1. */
  readonly limit: number
  /** Connections that are kept open without work. */
  readonly min: number
  /** After so long without work a connection above `min` is closed. */
  readonly idleTimeout: number
  /** The longest wait for a connection. */
  readonly waitTimeout: number
  /** A statement that takes longer is told to the observer. */
  readonly slowQuery: number
  /** A transaction that holds its connection for longer is told to the observer. @default 10_000 */
  readonly heldTooLong?: number
  readonly observer?: PoolObserver
}

/** A connection that belongs to one piece of work until it gives it back. */
export interface Lease {
  readonly connection: Connection
  /** Runs a statement on it. */
  run(statement: Statement): Promise<StatementResult>
  /** Gives it back: to the pool, or away if it is broken or `destroy` is set. */
  release(destroy?: boolean): void
}

/** What a lease is for. */
export interface LeaseOptions {
  /** Who holds it, for the warning; without it the caller's stack is kept. */
  readonly label?: string | undefined
  /** Its statements may take as long as they like (migrations that wait for a lock). */
  readonly patient?: boolean
}

interface Use {
  readonly since: number
  readonly origin: string | Error
  readonly patient: boolean
  warned: boolean
}

interface Waiter {
  readonly since: number
  resolve(connection: Connection): void
  reject(error: Error): void
}

const beginsTransaction = /^\s*(begin|start)\b/i

/** So many may wait for each connection there may be: more would only time out. */
const pendingPerConnection = 50

/**
 * While no connection can be made at all, work fails after this wait instead of the whole
 * `waitTimeout`: a restart is ridden out, and an outage does not pile up requests.
 */
const outageGrace = 2000

const firstBackoff = 100
const lastBackoff = 1000

/** Connections are replaced after so long (up to a fifth more), so that none lives for ever. */
const maxLifetime = 30 * 60_000

/**
 * A bounded set of connections, each for one piece of work at a time: first come, first served, and
 * nobody waits behind another's statement. The one used last is used next, so that those that are
 * not needed grow old and are closed.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #observer: Required<PoolObserver>
  /** Used last at the end. */
  readonly #idle: { readonly connection: Connection; readonly since: number }[] = []
  readonly #used = new Map<Connection, Use>()
  /** In the order of arrival, which is the order of their deadlines. */
  readonly #waiters = new Set<Waiter>()
  #connecting = 0
  #failures = 0
  #timeouts = 0
  #created = 0
  #destroyed = 0
  #closing = false
  readonly #closed = new AbortController()
  #onDrained: (() => void) | undefined
  #waitTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #retryTimer: NodeJS.Timeout | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.#observer = guarded(options.observer ?? {})
  }

  /** Opens a first connection, then the rest of `min` in the background. @throws if none can be made */
  async start(): Promise<void> {
    await this.#connect()
    this.#grow()
  }

  stats(): PoolStats {
    return {
      limit: this.#options.limit,
      min: this.#options.min,
      used: this.#used.size,
      idle: this.#idle.length,
      pending: this.#waiters.size,
      timeouts: this.#timeouts,
      created: this.#created,
      destroyed: this.#destroyed,
    }
  }

  /**
   * Runs one statement on any connection.
   *
   * @throws {DatabaseUnavailableError} if none is free in time; otherwise what the statement throws
   */
  async run(statement: Statement): Promise<StatementResult> {
    const connection = this.#takeIdle() ?? (await this.#wait())
    this.#use(connection, statement.text, false)
    let failed = true
    try {
      const result = await this.#timed(connection, statement)
      failed = false
      return result
    } finally {
      // A text that began a transaction and failed has left it open.
      this.#giveBack(connection, failed && beginsTransaction.test(statement.text))
    }
  }

  /** Takes a connection for several statements, as a transaction needs it. */
  async hold({ label, patient = false }: LeaseOptions = {}): Promise<Lease> {
    // The stack is taken now, while the caller is still on it, and written out only for a warning.
    const origin = label ?? new Error('held since')
    const connection = this.#takeIdle() ?? (await this.#wait())
    this.#use(connection, origin, patient)
    let released = false
    return {
      connection,
      run: async (statement) => {
        if (released) throw new Error('A statement was sent after its transaction had ended')
        return this.#timed(connection, statement)
      },
      release: (destroy = false) => {
        if (released) return
        released = true
        this.#giveBack(connection, destroy)
      },
    }
  }

  /** What is in use, for whoever watches over it. */
  inUse(): Iterable<readonly [Connection, Readonly<Use>]> {
    return this.#used
  }

  /** Tells the observer, once, of each connection that is held for too long. */
  warnOfHeld(now: number): void {
    const threshold = this.#options.heldTooLong ?? 10_000
    for (const use of this.#used.values()) {
      const heldMs = now - use.since
      if (use.warned || use.patient || heldMs < threshold) continue
      use.warned = true
      const { origin } = use
      this.#observer.onHeldTooLong({
        heldMs,
        origin: typeof origin === 'string' ? origin : (origin.stack ?? ''),
      })
    }
  }

  /** Closes what is idle: called when a connection of the same age was found dead. */
  distrustIdle(): void {
    for (const { connection } of [...this.#idle]) connection.destroy()
  }

  /** Ends one connection; its work fails with the reason. */
  destroy(connection: Connection, reason: Error): void {
    this.#observer.onBroken(reason)
    connection.destroy(reason)
  }

  /**
   * Takes no more work, waits for what is under way, and closes every connection.
   *
   * @param timeoutMs after which work under way is cut off
   */
  async close(timeoutMs: number): Promise<void> {
    this.#closing = true
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#retryTimer)
    if (this.#used.size + this.#waiters.size > 0) {
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#onDrained = resolve
        }),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, timeoutMs)
        }),
      ])
      clearTimeout(timer)
    }
    const reason = new DatabaseUnavailableError('The database connection is closing', {
      outcomeUnknown: true,
    })
    this.#closed.abort()
    this.#rejectWaiters(() => true, reason)
    for (const connection of this.#used.keys()) connection.destroy(reason)
    for (const { connection } of [...this.#idle]) connection.destroy(reason)
    clearTimeout(this.#waitTimer)
  }

  #takeIdle(): Connection | undefined {
    return this.#closing ? undefined : this.#idle.pop()?.connection
  }

  #wait(): Promise<Connection> {
    if (this.#closing)
      return Promise.reject(new DatabaseUnavailableError('The database connection is closing'))
    const { limit } = this.#options
    if (this.#waiters.size >= limit * pendingPerConnection) {
      this.#timeouts++
      this.#observer.onTimeout(this.stats())
      return Promise.reject(this.#timeoutError('Too much work waits for a database connection'))
    }
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    const since = performance.now()
    this.#waiters.add({
      since,
      reject,
      resolve: (connection) => {
        this.#observer.onWait(performance.now() - since)
        resolve(connection)
      },
    })
    this.#armWaitTimer()
    this.#grow()
    return promise
  }

  #use(connection: Connection, origin: string | Error, patient: boolean): void {
    this.#used.set(connection, { since: performance.now(), origin, patient, warned: false })
  }

  async #timed(connection: Connection, statement: Statement): Promise<StatementResult> {
    const start = performance.now()
    try {
      return await connection.run(statement)
    } finally {
      const durationMs = performance.now() - start
      if (durationMs > this.#options.slowQuery)
        this.#observer.onSlowQuery({ text: statement.text.slice(0, 2000), durationMs })
    }
  }

  #giveBack(connection: Connection, destroy: boolean): void {
    const use = this.#used.get(connection)
    this.#used.delete(connection)
    const now = performance.now()
    if (use !== undefined) this.#observer.onUse(now - use.since)
    if (destroy || this.#isOld(connection, now)) connection.destroy()
    if (connection.closed) this.#grow()
    else this.#serve(connection)
    if (this.#used.size + this.#waiters.size === 0) this.#onDrained?.()
  }

  #isOld(connection: Connection, now: number): boolean {
    // Spread by the time of opening, so that not all go at once.
    const spread = ((connection.openedAt % 1000) / 1000) * (maxLifetime / 5)
    return now - connection.openedAt > maxLifetime + spread
  }

  /** Hands a free connection to whoever has waited longest. */
  #serve(connection: Connection): void {
    const [waiter] = this.#waiters
    if (waiter !== undefined) {
      this.#waiters.delete(waiter)
      // Counted as used from this very moment: the waiter runs only a microtask later.
      this.#use(connection, 'handed over', false)
      waiter.resolve(connection)
      return
    }
    if (this.#closing) {
      connection.destroy()
      return
    }
    this.#idle.push({ connection, since: performance.now() })
    this.#armIdleTimer()
  }

  get #total(): number {
    return this.#used.size + this.#idle.length + this.#connecting
  }

  /** Opens what waiting work and `min` ask for; one at a time while attempts fail. */
  #grow(): void {
    if (this.#retryTimer !== undefined) return
    const { limit, min } = this.#options
    while (
      this.#total < limit &&
      (this.#connecting < this.#waiters.size || (this.#total < min && !this.#closing)) &&
      (this.#failures === 0 || this.#connecting === 0)
    )
      this.#connect().then(
        () => this.#grow(),
        (error: Error) => this.#retry(error),
      )
  }

  /** Counted at every moment as one of connecting, used and idle: else the limit would not hold. */
  async #connect(): Promise<void> {
    this.#connecting++
    const start = performance.now()
    let connection: Connection
    try {
      connection = await Connection.open(this.#options.connection, this.#closed.signal)
    } catch (error) {
      this.#connecting--
      throw error
    }
    this.#connecting--
    connection.onClosed = () => this.#forget(connection)
    this.#created++
    this.#failures = 0
    this.#serve(connection)
    this.#observer.onCreate(performance.now() - start)
  }

  #retry(error: Error): void {
    if (this.#closed.signal.aborted) return
    this.#failures++
    this.#observer.onBroken(error)
    if (this.#used.size + this.#idle.length === 0) {
      const now = performance.now()
      this.#rejectWaiters(({ since }) => now - since >= outageGrace, error)
    }
    const delay = Math.min(firstBackoff * 2 ** (this.#failures - 1), lastBackoff)
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined
      this.#grow()
    }, delay)
    this.#retryTimer.unref()
  }

  /** A connection is gone, whoever ended it. In use, it is counted until it is given back. */
  #forget(connection: Connection): void {
    this.#destroyed++
    const position = this.#idle.findIndex((entry) => entry.connection === connection)
    if (position < 0) return
    this.#idle.splice(position, 1)
    this.#grow()
  }

  #armWaitTimer(): void {
    const [first] = this.#waiters
    if (first === undefined || this.#waitTimer !== undefined) return
    const { waitTimeout } = this.#options
    this.#waitTimer = setTimeout(
      () => {
        this.#waitTimer = undefined
        this.#expireWaiters()
        this.#armWaitTimer()
      },
      first.since + waitTimeout - performance.now(),
    )
  }

  #expireWaiters(): void {
    const now = performance.now()
    for (const waiter of this.#waiters) {
      // Timers may fire a fraction early; one such must not cost a second timer.
      if (now - waiter.since < this.#options.waitTimeout - 1) break
      const error = this.#timeoutError(
        `No database connection became free within ${this.#options.waitTimeout} ms`,
      )
      this.#timeouts++
      this.#waiters.delete(waiter)
      this.#observer.onTimeout(this.stats())
      waiter.reject(error)
    }
  }

  #rejectWaiters(which: (waiter: Waiter) => boolean, error: Error): void {
    for (const waiter of [...this.#waiters].filter(which)) {
      this.#waiters.delete(waiter)
      waiter.reject(error)
    }
  }

  #timeoutError(what: string): DatabaseUnavailableError {
    const { used, idle, pending } = this.stats()
    return new DatabaseUnavailableError(`${what} (${used} used, ${idle} idle, ${pending} pending)`)
  }

  #armIdleTimer(): void {
    if (this.#idleTimer !== undefined) return
    const [oldest] = this.#idle
    if (oldest === undefined || this.#total <= this.#options.min) return
    this.#idleTimer = setTimeout(
      () => {
        this.#idleTimer = undefined
        this.#closeIdle()
        this.#armIdleTimer()
      },
      Math.max(0, oldest.since + this.#options.idleTimeout - performance.now()),
    )
    this.#idleTimer.unref()
  }

  #closeIdle(): void {
    const limit = performance.now() - this.#options.idleTimeout + 1
    while (this.#total > this.#options.min) {
      const [oldest] = this.#idle
      if (oldest === undefined || oldest.since > limit) return
      oldest.connection.destroy()
    }
  }
}
