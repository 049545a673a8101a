/** The pool's numbers at one moment. */
export interface PoolStats {
  /** The most connections there may be. */
  readonly limit: number
  /** Connections that are kept open without work. */
  readonly min: number
  readonly used: number
  readonly idle: number
  /** Work that waits for a connection. */
  readonly pending: number
  /** Waits that ended without a connection, since the start. */
  readonly timeouts: number
  readonly created: number
  readonly destroyed: number
}

/** Who wants to know what happens in the pool. Called at once, and never waited for. */
export interface PoolObserver {
  /** Milliseconds that work waited for a connection; only told where it had to wait. */
  onWait?(ms: number): void
  /**
   * Milliseconds that one piece of work spent on waiting for a connection, in vain too, or in a
   * statement. Told within the work's own async context, so that it can be added to a request's.
   */
  onTime?(stage: 'pool' | 'query', ms: number): void
  /** Milliseconds for which a connection was in use. */
  onUse?(ms: number): void
  /** Milliseconds that a new connection took to be ready. */
  onCreate?(ms: number): void
  /** Work got no connection in time. */
  onTimeout?(stats: PoolStats): void
  /** A statement took long. Its text, never its parameters. */
  onSlowQuery?(query: { readonly text: string; readonly durationMs: number }): void
  /** A connection is held for long; `origin` is a label, or the stack of who took it. */
  onHeldTooLong?(held: { readonly heldMs: number; readonly origin: string }): void
  /** A connection broke, could not be made, or the embedded database died. */
  onBroken?(error: Error): void
}

/** The same observer, whose faults stay its own. */
export function guarded(observer: PoolObserver): Required<PoolObserver> {
  const guard =
    <Args extends unknown[]>(call: ((...args: Args) => void) | undefined) =>
    (...args: Args) => {
      try {
        call?.apply(observer, args)
      } catch {
        // A broken observer must not break the work that it observes.
      }
    }
  return {
    onWait: guard(observer.onWait),
    onTime: guard(observer.onTime),
    onUse: guard(observer.onUse),
    onCreate: guard(observer.onCreate),
    onTimeout: guard(observer.onTimeout),
    onSlowQuery: guard(observer.onSlowQuery),
    onHeldTooLong: guard(observer.onHeldTooLong),
    onBroken: guard(observer.onBroken),
  }
}
