import type { Spool, SpooledFile } from '../spool/index.ts'
import type { Gap, GapKeeper } from './gap.ts'
import { type InsertRows, insertAround } from './insert-around.ts'
import type { WriterObserver } from './observer.ts'

/** What {@linkcode recovery} needs. */
export interface RecoveryOptions {
  readonly insert: InsertRows
  readonly spool: Spool
  readonly gap: GapKeeper
  /** Writes the row that tells of a gap. */
  readonly tell: (gap: Gap) => Promise<void>
  readonly observer: WriterObserver
  /** There may be room in the spool again. */
  readonly onRoom: () => void
}

/** Brings what the spool holds into the database. */
export interface Recovery {
  /** Whether the database failed when it was last asked: events go to the spool meanwhile. */
  isAway(): boolean
  /**
   * The database failed.
   *
   * @param settled what still hangs there: nothing is sent after it before it has ended
   */
  begin(error: unknown, settled?: Promise<unknown>): void
  /** There is more in the spool, or nothing went into it: the database is asked once more. */
  wake(): void
  /** Takes over what dead processes have left, and looks after all there is. Never rejects. */
  look(): Promise<void>
  /** Stops at the next row. */
  close(): Promise<void>
}

/** Rows of one statement. */
const chunk = 500

/** Milliseconds between two attempts: doubled each time, from the first to the last. */
const firstPause = 250
const lastPause = 5000

/** Makes a recovery. It does nothing before it is told to. */
export function recovery(options: RecoveryOptions): Recovery {
  const { insert, spool, gap, tell, observer, onRoom } = options
  let away = false
  let running: Promise<void> | undefined
  const stopped = Promise.withResolvers<void>()
  let closed = false
  /** Something came since the spool was last looked through. */
  let more = false

  function start(after?: Promise<unknown>): void {
    more = true
    running ??= recover(after).finally(() => {
      running = undefined
      // It came when the spool was thought empty already.
      if (more && !closed) start()
    })
  }

  async function recover(after?: Promise<unknown>): Promise<void> {
    await Promise.race([Promise.allSettled([after]), stopped.promise])
    for (let pause = firstPause; !closed; pause = Math.min(pause * 2, lastPause)) {
      try {
        await bringBack()
        // Another statement may have failed meanwhile.
        if (!away) return
      } catch (error) {
        leave(error)
      }
      onRoom()
      await Promise.race([sleep(pause), stopped.promise])
    }
  }

  function leave(error: unknown): void {
    if (!away) observer.onAway?.(error)
    away = true
  }

  async function bringBack(): Promise<void> {
    let rows = 0
    more = false
    // Without rows: does the database answer?
    if (away) await insert([])
    away = false
    onRoom()
    for (let file = await spool.oldest(); file !== undefined; file = await spool.oldest()) {
      rows += await replay(file)
      onRoom()
      if (closed) return
    }
    const owed = gap.current()
    if (owed !== undefined) {
      await tell(owed)
      await gap.settle(owed)
    }
    if (rows > 0) observer.onBack?.(rows)
  }

  /** @returns how many rows it held */
  async function replay(file: SpooledFile): Promise<number> {
    let { damaged } = file
    for (let start = 0; start < file.rows.length; start += chunk) {
      const refused = await insertAround(insert, file.rows.slice(start, start + chunk))
      for (const { error } of refused) observer.onError?.(error)
      damaged += refused.length
      // What is left comes again: each row is written once, however often it is sent.
      if (closed) return start
    }
    if (damaged === 0) await file.remove()
    else {
      observer.onDamage?.(damaged)
      gap.note('dropped', damaged)
      await file.setAside()
    }
    return file.rows.length
  }

  return {
    isAway: () => away,
    begin(error, settled) {
      leave(error)
      start(settled)
    },
    wake: () => start(),
    async look() {
      try {
        await gap.inherit(await spool.adopt())
      } catch (error) {
        observer.onError?.(error)
      }
      if (spool.bytes() > 0 || gap.current() !== undefined) start()
    },
    async close() {
      closed = true
      stopped.resolve()
      await running
    },
  }
}

/** Waits, and keeps no process alive. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
}
