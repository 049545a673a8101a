import { DatabaseUnavailableError } from '../errors.ts'
import {
  Connection,
  type ConnectionOptions,
  type Statement,
  type StatementResult,
} from './connection.ts'
import { IdleShelf } from './idle-shelf.ts'
import { describeOrigin, type Lease, type LeaseOptions, type Use } from './lease.ts'
import { guarded, type PoolObserver, type PoolStats } from './observer.ts'
import { WaitingLine } from './waiting-line.ts'

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
 * nobody waits behind another's statement.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #observer: Required<PoolObserver>
  readonly #idle: IdleShelf
  readonly #used = new Map<Connection, Use>()
  readonly #waiting: WaitingLine<Connection>
  readonly #closed = new AbortController()
  #connecting = 0
  #failures = 0
  #timeouts = 0
  #created = 0
  #destroyed = 0
  #closing = false
  #onDrained: (() => void) | undefined
  #retryTimer: NodeJS.Timeout | undefined

  constructor(options: PoolOptions) {
    const { limit, min, idleTimeout, waitTimeout, observer = {} } = options
    this.#options = options
    this.#observer = guarded(observer)
    this.#idle = new IdleShelf({ timeout: idleTimeout, hasSpare: () => this.#total > min })
    this.#waiting = new WaitingLine({
      timeout: waitTimeout,
      length: limit * pendingPerConnection,
      onServed: this.#observer.onWait,
      unserved: (why) => this.#unserved(why),
    })
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
      idle: this.#idle.size,
      pending: this.#waiting.size,
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
    const connection = this.#takeIdle() ?? (await this.#waited())
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
    const connection = this.#takeIdle() ?? (await this.#waited())
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
      this.#observer.onHeldTooLong({ heldMs, origin: describeOrigin(use) })
    }
  }

  /** Closes what is idle: called when a connection of the same age was found dead. */
  distrustIdle(): void {
    this.#idle.closeAll()
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
    if (this.#used.size + this.#waiting.size > 0) {
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
    clearTimeout(this.#retryTimer)
    this.#waiting.turnAway(reason)
    for (const connection of this.#used.keys()) connection.destroy(reason)
    this.#idle.closeAll()
  }

  #takeIdle(): Connection | undefined {
    return this.#closing ? undefined : this.#idle.take()
  }

  /** The wait as its own work sees it: whoever hands the connection over runs for another. */
  async #waited(): Promise<Connection> {
    const since = performance.now()
    try {
      return await this.#wait()
    } finally {
      this.#observer.onTime('pool', performance.now() - since)
    }
  }

  #wait(): Promise<Connection> {
    if (this.#closing)
      return Promise.reject(new DatabaseUnavailableError('The database connection is closing'))
    const connection = this.#waiting.join()
    this.#grow()
    return connection
  }

  #unserved(why: 'full' | 'timeout'): DatabaseUnavailableError {
    this.#timeouts++
    const stats = this.stats()
    this.#observer.onTimeout(stats)
    const what =
      why === 'full'
        ? 'Too much work waits for a database connection'
        : `No database connection became free within ${this.#options.waitTimeout} ms`
    const { used, idle, pending } = stats
    return new DatabaseUnavailableError(`${what} (${used} used, ${idle} idle, ${pending} pending)`)
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
      this.#observer.onTime('query', durationMs)
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
    if (this.#used.size + this.#waiting.size === 0) this.#onDrained?.()
  }

  #isOld(connection: Connection, now: number): boolean {
    // Spread by the time of opening, so that not all go at once.
    const spread = ((connection.openedAt % 1000) / 1000) * (maxLifetime / 5)
    return now - connection.openedAt > maxLifetime + spread
  }

  /** Hands a free connection to whoever has waited longest. */
  #serve(connection: Connection): void {
    if (this.#waiting.size > 0) {
      // Counted as used from this very moment: whoever waited runs only a microtask later.
      this.#use(connection, 'handed over', false)
      this.#waiting.serve(connection)
    } else if (this.#closing) connection.destroy()
    else this.#idle.put(connection)
  }

  get #total(): number {
    return this.#used.size + this.#idle.size + this.#connecting
  }

  /** Opens what waiting work and `min` ask for; one at a time while attempts fail. */
  #grow(): void {
    if (this.#retryTimer !== undefined) return
    const { limit, min } = this.#options
    while (
      this.#total < limit &&
      (this.#connecting < this.#waiting.size || (this.#total < min && !this.#closing)) &&
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
    if (this.#used.size + this.#idle.size === 0) this.#waiting.turnAway(error, outageGrace)
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
    if (this.#idle.remove(connection)) this.#grow()
  }
}
