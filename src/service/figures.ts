/**
 * What metrics tell of the database's contents: asked for once a minute by each replica, and kept, so
 * that no scrape asks the database, and none waits for it.
 */
import { sql } from 'drizzle-orm'
import type { Database, Executor } from '#db/database.ts'
import { DatabaseUnavailableError } from '#db/errors.ts'

/** Something that is read now and then. */
export interface Figure<Value> {
  /** Undefined until it was read once, and when it was last read so long ago that it says nothing. */
  current(): Value | undefined
  /** Reads it now. Never rejects. */
  refresh(): Promise<void>
}

/** The figures of a process. */
export interface Figures {
  /** Adds one; it is read from the next look on. @param read within a transaction that only reads */
  add<Value>(read: (tx: Executor) => Promise<Value>): Figure<Value>
  /** Reads all of them, now and by the clock. Resolves after the first time, and never rejects. */
  start(): Promise<void>
  /** Reads no more. Resolves once a look that is under way has ended. */
  close(): Promise<void>
}

/** What {@linkcode openFigures} needs. */
export interface FiguresOptions {
  readonly database: Pick<Database, 'db'>
  /** Hears what cannot be read, once until it can again. */
  readonly onError: (error: unknown) => void
  /** Milliseconds between two looks: what other replicas change shows after this. @default a minute */
  readonly interval?: number
  /** Milliseconds that one figure's statements may take each. @default 2000 */
  readonly timeLimit?: number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly clock?: () => number
}

/** Looks that may fail before what was read is not told any more: nobody knows then what is so now. */
const mostMissed = 3

/** Makes the figures. They ask nothing before they are started. */
export function openFigures(options: FiguresOptions): Figures {
  const { database, onError, interval = 60_000, timeLimit = 2000 } = options
  const { clock = () => performance.now() } = options
  const readers: Reader[] = []
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** One after the other, each on its own: one that takes too long leaves the others theirs. */
  async function look(): Promise<void> {
    for (const read of readers) if (closed || (await read()) === 'away') return
  }

  function lookOnce(): Promise<void> {
    running ??= look().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    add(read) {
      let known:
        | { readonly value: Awaited<ReturnType<typeof read>>; readonly at: number }
        | undefined
      let fails = false
      const reader = async () => {
        try {
          const value = await reading(database, timeLimit, read)
          known = { value, at: clock() }
          fails = false
          return 'read'
        } catch (error) {
          if (!fails && !closed) onError(error)
          fails = true
          return error instanceof DatabaseUnavailableError ? 'away' : 'failed'
        }
      }
      readers.push(reader)
      return {
        current: () =>
          known !== undefined && clock() - known.at < mostMissed * interval
            ? known.value
            : undefined,
        async refresh() {
          if (!closed) await reader()
        },
      }
    },
    async start() {
      timer = setInterval(() => void lookOnce(), interval)
      timer.unref()
      await lookOnce()
    },
    async close() {
      closed = true
      clearInterval(timer)
      await running
    },
  }
}

/** Reads one figure, and says what came of it. Never rejects. */
type Reader = () => Promise<'read' | 'failed' | 'away'>

/** The time limit is the server's: what it gives up does not go on there. */
const reading = <Value>(
  { db }: Pick<Database, 'db'>,
  timeLimit: number,
  read: (tx: Executor) => Promise<Value>,
): Promise<Value> =>
  db.transaction(
    async (tx) => {
      await tx.execute(sql.raw(`set local statement_timeout = ${timeLimit}`))
      return await read(tx)
    },
    { accessMode: 'read only' },
  )
