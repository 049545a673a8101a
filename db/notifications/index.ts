import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database.ts'
import type { ConnectionOptions } from '../pool/index.ts'
import { parseTarget } from '../target.ts'
import { listenForChanges } from './listen.ts'
import { pollForChanges } from './poll.ts'
import { type ChangeSource, type OnChange, silence } from './source.ts'

export type { Change, OnChange } from './source.ts'

/** How changes are heard of at the moment; `lost`: not at all. */
export type NotificationState = ChangeSource['kind'] | 'lost'

/** Options of {@linkcode openNotifications}. */
export interface NotificationOptions {
  readonly database: Pick<Database, 'target' | 'embedded' | 'client'>
  /** A direct connection, where the database's own leads through a pooler. @default the database's */
  readonly listenUrl?: string | undefined
  readonly onChange: OnChange
  /** Hears when the state changes; with the error where it is lost. */
  readonly onState?: (state: NotificationState, error?: unknown) => void
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly monotonic?: () => number
}

/** What other processes change, told to this one. */
export interface Notifications {
  /**
   * Since when every change has been told, up to 800 ms ago at most; undefined while that cannot be
   * said. Who asked the database after that, and was not told of a change, knows as much as it.
   */
  reliableSince(): number | undefined
  close(): Promise<void>
}

/** Longest time for a connection: until there is one, caches ask the database. */
const connectTimeout = 5000

/** Milliseconds before the second attempt, doubled up to the longest. */
const firstPause = 100
const longestPause = 5000

/**
 * Keeps hearing of what changes in users, sessions and API keys, on one connection of its own:
 * listening where the database can, else (behind a transaction pooler, and on the embedded database,
 * whose connections share one session) reading a table every 400 ms. A connection that has gone silent
 * is noticed within 800 ms and made anew.
 */
export function openNotifications(options: NotificationOptions): Notifications {
  const { onState, monotonic = () => performance.now() } = options
  const ended = new AbortController()
  let state: NotificationState = 'lost'
  /** Both undefined while nothing is heard. */
  let since: number | undefined
  let heardAt: number | undefined
  let source: ChangeSource | undefined

  function become(next: NotificationState, error?: unknown): void {
    if (next === state) return
    state = next
    onState?.(next, error)
  }

  /** Hears until the source fails, which it throws, or all is over. */
  async function hear(source: ChangeSource, onHeard: () => void): Promise<void> {
    since = monotonic()
    while (!ended.signal.aborted) {
      // The answer speaks of the time of the question: on its way it may have been late.
      const askedAt = monotonic()
      await source.ask()
      heardAt = askedAt
      become(source.kind)
      onHeard()
      await pause(source.interval)
    }
  }

  async function run(): Promise<void> {
    let wait = firstPause
    while (!ended.signal.aborted) {
      try {
        source = await open(options, ended.signal)
        await hear(source, () => {
          wait = firstPause
        })
      } catch (error) {
        if (!ended.signal.aborted) become('lost', error)
      } finally {
        since = undefined
        heardAt = undefined
        source?.close()
        source = undefined
      }
      await pause(wait * (0.5 + Math.random() / 2))
      wait = Math.min(2 * wait, longestPause)
    }
  }

  const pause = (ms: number) =>
    sleep(ms, undefined, { ref: false, signal: ended.signal }).catch(() => {
      // Aborted: all is over.
    })

  const running = run()
  return {
    reliableSince: () =>
      heardAt !== undefined && monotonic() - heardAt < silence ? since : undefined,
    async close() {
      ended.abort()
      source?.close()
      await running
    },
  }
}

/** Listens where that is heard, else polls the database itself. */
async function open(options: NotificationOptions, signal: AbortSignal): Promise<ChangeSource> {
  const { database, listenUrl, onChange } = options
  const to = (target: ConnectionOptions['target']): ConnectionOptions => ({
    target,
    connectTimeout,
    statementTimeout: undefined,
    prepare: false,
  })
  if (!database.embedded) {
    const listening = await listenForChanges({
      connection: to(listenUrl === undefined ? database.target : parseTarget(listenUrl)),
      notify: (channel, payload) =>
        database.client.query('select pg_notify($1, $2)', [channel, payload]),
      onChange,
      signal,
    })
    if (listening !== undefined) return listening
  }
  return pollForChanges({ connection: to(database.target), onChange, signal })
}
