import { AsyncLocalStorage } from 'node:async_hooks'
import { v7 as uuidv7 } from 'uuid'
import type { Database, Executor } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import type { AuditEntry } from './entry.ts'
import { insertRows, insertRowsWith } from './insert.ts'
import { auditRow, type EventStamp, type RowMaker } from './row.ts'
import { rowMacs } from './row-mac.ts'
import { type Summing, summing } from './summing.ts'

/** Where events go. */
export interface AuditTrail {
  /**
   * Records what rides in no transaction. Resolves when the event is in the database, or on disk in
   * the spool; where the catalogue says that nobody waits for the event, at once. It costs its
   * caller a few microseconds: the row is made later.
   *
   * @throws {DatabaseError} with `AUDIT_ON_FULL=refuse`, when neither of the two can take it
   */
  record(entry: AuditEntry): Promise<void>
  /**
   * Records the first event of a source and type within a window, and at the window's end one row
   * that says how many followed: for what a stranger can do as often as they like.
   *
   * @param source who and why: an address (IPv6: its /56) or a principal, and a reason. The events
   *   of one source must differ in nothing that matters
   * @param window milliseconds; shorter than a minute counts as one @default a minute
   * @throws as {@linkcode record} does, for the first of a source
   */
  recordSummed(source: string, entry: AuditEntry, window?: number): Promise<void>
  /**
   * Records events on the given connection, in their order and in one statement: within the
   * transaction of the change that they speak of, so that both are there or neither is.
   *
   * @param stamp of one event whose transaction may be tried again after a commit of which nobody
   *   knows: with the same stamp it is there once @default made here
   * @throws what the database throws; the caller's transaction then fails as a whole
   */
  recordWith(
    executor: Executor,
    entries: AuditEntry | readonly AuditEntry[],
    stamp?: EventStamp,
  ): Promise<void>
  /** Writes down what is being summed up. To be called before its recorder closes. */
  close(): Promise<void>
}

/** Takes an event that rides in no transaction: a writer, or the database at once. */
export type Recorder = (entry: AuditEntry, stamp: EventStamp) => Promise<void>

/** What a trail needs. */
export interface AuditTrailOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly monotonic?: () => number
  /** How rows are made that ride in a transaction. */
  readonly maker: RowMaker
  readonly recorder: Recorder
  /**
   * Hears of each event that was recorded, for metrics. Its transaction may still be rolled back.
   */
  readonly onRecord?: (entry: AuditEntry) => void
  /** Hears of a sum that could not be recorded. @default nobody */
  readonly onError?: (error: unknown) => void
}

/** Milliseconds in which what comes again is only counted, where nobody says how long. */
const shortestWindow = 60_000

/**
 * The trail of this process. What it does later, for many requests at once, is no part of the one
 * that happened to set it off: it runs in the async context in which the trail was made, outside of
 * any request, and adds nothing to a request's trace, times and log.
 */
export function auditTrail(options: AuditTrailOptions): AuditTrail {
  const { now, monotonic = () => performance.now(), maker, recorder, onRecord, onError } = options
  const outside = AsyncLocalStorage.snapshot()
  const newStamp = (): EventStamp => ({ id: uuidv7(), at: now() })
  async function record(entry: AuditEntry): Promise<void> {
    await recorder(entry, newStamp())
    onRecord?.(entry)
  }
  /** By window: policies of rate limits have few different ones. */
  const sums = new Map<number, Summing>()
  const sumsOf = (window: number): Summing => {
    const known = sums.get(window)
    if (known !== undefined) return known
    const made = summing({ interval: window, now, monotonic, record, ...(onError && { onError }) })
    sums.set(window, made)
    return made
  }
  return {
    record: (entry) => outside(record, entry),
    recordSummed(source, entry, window = shortestWindow) {
      const sum = sumsOf(Math.max(shortestWindow, window))
      return outside(sum.record, source, entry)
    },
    async recordWith(executor, given, stamp) {
      const entries: readonly AuditEntry[] = 'event' in given ? [given] : given
      if (entries.length === 0) return
      await insertRowsWith(
        executor,
        entries.map((entry) => auditRow(entry, stamp ?? newStamp(), maker)),
      )
      for (const entry of entries) onRecord?.(entry)
    },
    async close() {
      await Promise.all(Array.from(sums.values(), (sum) => sum.close()))
    },
  }
}

/** What {@linkcode directTrail} needs. */
export interface DirectTrailOptions {
  readonly client: Database['client']
  readonly keyring: Keyring
  /** The platform's own client, which owns what no tenant does. */
  readonly platformClientId: () => string
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

/** A trail without a writer: each event goes to the database at once. For commands: they make few. */
export function directTrail({
  client,
  keyring,
  platformClientId,
  now = Date.now,
}: DirectTrailOptions): AuditTrail {
  const maker = { macs: rowMacs(keyring), platformClientId }
  return auditTrail({
    now,
    maker,
    recorder: (entry, stamp) => insertRows(client, [auditRow(entry, stamp, maker)]),
  })
}
