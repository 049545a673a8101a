/** Takes the events that ride in no transaction to the database, or to the spool. */
import { DatabaseError } from '../../errors.ts'
import type { AuditEntry } from '../entry.ts'
import { auditEvents } from '../events.ts'
import type { AuditRow, EventStamp } from '../row.ts'
import { type Spool, SpoolFullError } from '../spool/index.ts'
import { batcher } from './batcher.ts'
import { type Gap, gapKeeper } from './gap.ts'
import { type InsertRows, insertAround, type RefusedRow } from './insert-around.ts'
import type { WriterObserver } from './observer.ts'
import { recovery, sleep } from './recovery.ts'

/** Options of {@linkcode auditWriter}. */
export interface AuditWriterOptions {
  /** Makes an event's row. */
  readonly build: (entry: AuditEntry, stamp: EventStamp) => AuditRow
  readonly insert: InsertRows
  readonly spool: Spool
  /** Of what the writer itself has to say. */
  readonly stamp: () => EventStamp
  /** What becomes of an event that neither database nor spool takes. */
  readonly onFull: 'refuse' | 'drop'
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly observer?: WriterObserver
}

/** The writer of this process. */
export interface AuditWriter {
  /** Takes an event; see `AuditTrail.record`. */
  record(entry: AuditEntry, stamp: EventStamp): Promise<void>
  /** Takes over what dead processes have left, and looks after the spool from now on. */
  start(): Promise<void>
  status(): WriterStatus
  /**
   * Takes no more events, and resolves once those it has are in the database or the spool.
   *
   * @param timeout milliseconds after which what the database has not taken goes to the spool
   */
  close(timeout: number): Promise<void>
}

/** How a writer is doing. */
export interface WriterStatus {
  /** Events that no statement has taken yet. */
  readonly queued: number
  /** When the oldest event happened that is not in the database; undefined where all are. */
  readonly oldestAt: number | undefined
  /** Bytes of the spool. */
  readonly spooled: number
  /** Whether events go to the spool. */
  readonly away: boolean
  /** Whether nothing takes them. */
  readonly full: boolean
  /** Whether the spool's folder can be written, as far as is known. */
  readonly onDisk: boolean
}

/** Rows of a statement, statements at a time, and milliseconds that a row waits for the one before. */
const batches = { size: 500, concurrency: 3, patience: 50 }

/** Milliseconds for which a statement is waited for; then its rows go to the spool as well. */
const patience = 1000

/** Events in memory above which callers wait although the catalogue says that nobody does. */
const maxUnwaited = 10_000

/** Milliseconds between two looks at what dead processes have left. */
const lookInterval = 15_000

interface Waiting {
  readonly entry: AuditEntry
  readonly stamp: EventStamp
  /** Undefined where nobody waits. */
  readonly outcome: PromiseWithResolvers<void> | undefined
}

interface Built {
  readonly waiting: Waiting
  readonly row: AuditRow
}

const earlier = (one = Number.POSITIVE_INFINITY, other = Number.POSITIVE_INFINITY) =>
  Math.min(one, other) === Number.POSITIVE_INFINITY ? undefined : Math.min(one, other)

const iso = (time: number): string => new Date(time).toISOString()

/** Makes a writer. It does nothing before its first event, or its start. */
export function auditWriter(options: AuditWriterOptions): AuditWriter {
  const { build, insert, spool, onFull, observer = {} } = options
  const gap = gapKeeper(spool, options.now)
  let full = false
  const onRoom = () => {
    full = false
  }
  const rescue = recovery({ insert, spool, gap, tell, observer, onRoom })
  const queue = batcher({ deliver, ...batches })
  const hurry = Promise.withResolvers<'late'>()
  let closed = false
  let looks: NodeJS.Timeout | undefined

  async function tell({ dropped, refused, from, to }: Gap): Promise<void> {
    const details = { dropped, refused, from: iso(from), to: iso(to) }
    const entry = {
      event: 'AUDIT_EVENTS_DROPPED',
      origin: { actorType: 'system' },
      details,
    } as const
    await insert([build(entry, options.stamp())])
  }

  /** Never rejects: whoever waits for an event hears what became of it. */
  async function deliver(batch: readonly Waiting[]): Promise<void> {
    const built = batch.flatMap(buildOrLose)
    if (rescue.isAway()) return putAside(built)
    const began = performance.now()
    const insertion = insertAround(
      insert,
      built.map(({ row }) => row),
    )
    try {
      const refused = await soon(insertion)
      if (refused !== 'late') {
        observer.onFlush?.(built.length, performance.now() - began)
        return settle(built, refused)
      }
      rescue.begin(new Error('The database does not answer in time'), insertion)
    } catch (error) {
      rescue.begin(error)
    }
    await putAside(built)
  }

  function buildOrLose(waiting: Waiting): Built[] {
    try {
      return [{ waiting, row: build(waiting.entry, waiting.stamp) }]
    } catch (error) {
      lose(waiting, error)
      return []
    }
  }

  async function soon<Result>(work: Promise<Result>): Promise<Result | 'late'> {
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => late.resolve('late'), patience)
    try {
      return await Promise.race([work, late.promise, hurry.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  function settle(built: readonly Built[], refused: readonly RefusedRow[]): void {
    const faults = new Map(refused.map(({ row, error }) => [row, error]))
    for (const { waiting, row } of built)
      if (faults.has(row)) lose(waiting, faults.get(row))
      else waiting.outcome?.resolve()
  }

  async function putAside(built: readonly Built[]): Promise<void> {
    if (built.length === 0) return
    try {
      await spool.append(built.map(({ row }) => row))
      observer.onSpool?.(built.length)
      for (const { waiting } of built) waiting.outcome?.resolve()
    } catch (error) {
      if (error instanceof SpoolFullError) full = true
      for (const { waiting } of built) lose(waiting, error)
    }
    // Also where the spool took nothing: if the database is well by now, nothing is full any more.
    rescue.wake()
  }

  /** Nothing takes it. Where somebody waits, the policy says whether they may go on. */
  function lose({ outcome }: Pick<Waiting, 'outcome'>, cause: unknown): void {
    const refuse = onFull === 'refuse' && outcome !== undefined
    const kind = refuse ? 'refused' : 'dropped'
    gap.note(kind, 1)
    observer.onGap?.(kind, cause)
    if (refuse) outcome.reject(new DatabaseError(cause instanceof SpoolFullError, { cause }))
    else outcome?.resolve()
  }

  return {
    record(entry, stamp) {
      const waits = auditEvents[entry.event].waits || queue.waiting() >= maxUnwaited
      // Nobody may go on as if an event were safe that is known not to be.
      const outcome = waits || full || closed ? Promise.withResolvers<void>() : undefined
      if (full || closed) lose({ outcome }, new SpoolFullError('Nothing takes events now'))
      else queue.push({ entry, stamp, outcome })
      return outcome?.promise ?? Promise.resolve()
    },
    async start() {
      await gap.open()
      await rescue.look()
      looks = setInterval(() => void rescue.look(), lookInterval)
      looks.unref()
    },
    status: () => ({
      queued: queue.waiting(),
      oldestAt: earlier(queue.oldest()?.stamp.at, spool.oldestAt()),
      spooled: spool.bytes(),
      away: rescue.isAway(),
      full,
      onDisk: gap.onDisk(),
    }),
    async close(timeout) {
      closed = true
      clearInterval(looks)
      const timer = setTimeout(() => hurry.resolve('late'), timeout / 2)
      await queue.idle()
      clearTimeout(timer)
      await Promise.race([rescue.close(), sleep(timeout / 4)])
      await gap.close()
      await spool.close()
    },
  }
}
