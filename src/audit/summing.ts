import type { AuditEntry } from './entry.ts'

/** Sums up what comes often, so that no stranger fills the trail. */
export interface Summing {
  /** Records the first of a source; counts those that follow within the interval. */
  record(source: string, entry: AuditEntry): Promise<void>
  /** Records all counts now. */
  close(): Promise<void>
}

/** What {@linkcode summing} needs. */
export interface SummingOptions {
  /** Milliseconds from the first event of a source to the row that says how many followed. */
  readonly interval: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly monotonic: () => number
  readonly record: (entry: AuditEntry) => Promise<void>
  /** Hears of a count that could not be recorded. @default nobody */
  readonly onError?: (error: unknown) => void
}

/**
 * Sources at a time: with two rows each, a flood from all over writes some 30 rows a second. What
 * comes from further ones is counted by its type alone.
 */
const maxSources = 1000

interface Window {
  readonly since: number
  /** Of these the last is kept, to be written down with the count. */
  last: AuditEntry
  suppressed: number
  from: number
  to: number
}

/**
 * A process that is killed loses what it has counted in the last interval, and no first row.
 *
 * @param options the clock decides which interval an event belongs to; a timer only ends it
 */
export function summing(options: SummingOptions): Summing {
  const { interval, now, monotonic, record, onError } = options
  /** By type and source, in the order of their beginning. */
  const windows = new Map<string, Window>()
  let timer: NodeJS.Timeout | undefined

  function open(key: string, entry: AuditEntry, time: number): Window {
    const window = { since: time, last: entry, suppressed: 0, from: 0, to: 0 }
    windows.set(key, window)
    arm()
    return window
  }

  function count(window: Window, entry: AuditEntry): void {
    window.to = now()
    if (window.suppressed === 0) window.from = window.to
    window.suppressed += 1
    window.last = entry
  }

  function arm(): void {
    const [oldest] = windows.values()
    if (oldest === undefined || timer !== undefined) return
    timer = setTimeout(end, Math.max(0, oldest.since + interval - monotonic()))
    timer.unref()
  }

  function end(): void {
    timer = undefined
    void settle(monotonic())
    arm()
  }

  /** Ends the windows that are over. Never rejects. */
  async function settle(time: number): Promise<void> {
    const counted: Window[] = []
    for (const [key, window] of windows) {
      if (time - window.since < interval) break
      windows.delete(key)
      if (window.suppressed > 0) counted.push(window)
    }
    await Promise.all(
      counted.map(({ last, suppressed, from, to }) => {
        const summary = { suppressed, from: iso(from), to: iso(to) }
        return record({ ...last, summary }).catch((error: unknown) => onError?.(error))
      }),
    )
  }

  return {
    async record(source, entry) {
      const time = monotonic()
      // By the clock, not by the timer: a busy process's timers are late.
      void settle(time)
      const key = `${entry.event} ${source}`
      const known = windows.get(key)
      if (known !== undefined) return count(known, entry)
      if (windows.size >= maxSources) return overflow(entry, time)
      const window = open(key, entry, time)
      try {
        await record(entry)
      } catch (error) {
        // The next one of the source tries again, unless others have been counted meanwhile.
        if (window.suppressed === 0) windows.delete(key)
        throw error
      }
    },
    async close() {
      clearTimeout(timer)
      await settle(Number.POSITIVE_INFINITY)
    },
  }

  /** Types are few: their windows come on top of the sources'. */
  function overflow(entry: AuditEntry, time: number): void {
    const key = entry.event
    count(windows.get(key) ?? open(key, anonymous(entry), time), anonymous(entry))
  }
}

/** Of many sources no one is named. */
function anonymous(entry: AuditEntry): AuditEntry {
  return { ...entry, origin: { actorType: 'anonymous' } }
}

const iso = (time: number): string => new Date(time).toISOString()
