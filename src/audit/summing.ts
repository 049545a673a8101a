import type { AuditEntry, AuditOrigin } from './entry.ts'
import { merged } from './merged.ts'

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
 * Sources of one type at a time, of strangers and of principals each: with two rows each, a flood
 * from all over writes some 30 rows a second. What comes from further ones is counted by client.
 */
const maxSources = 1000

/** Where an event is counted. */
interface Place {
  readonly key: string
  /** Bounds how many places of this sort are open at a time. */
  readonly budget: Budget
  /** What the row may tell of who did what it counts. */
  readonly common: (origin: AuditOrigin) => AuditOrigin
}

interface Budget {
  open: number
}

interface Window {
  readonly since: number
  readonly place: Place
  /** What they say together, to be written down with the count. */
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
  /** By their place's key, in the order of their beginning. */
  const windows = new Map<string, Window>()
  /** By name. There are few: types are, and each has four. */
  const budgets = new Map<string, Budget>()
  let timer: NodeJS.Timeout | undefined

  /**
   * The narrowest place that is open or has room. Types do not share theirs, nor strangers with
   * principals: a flood of the one must not hide the other.
   */
  function placeOf(source: string, { event, origin }: AuditEntry): Place {
    const kind = `${event} ${origin.actorId === undefined ? 'stranger' : 'principal'}`
    const own = { key: `${kind} at ${source}`, budget: budgetOf(kind), common: asItIs }
    if (isFree(own)) return own
    const client = `${kind} of ${origin.clientId}`
    const shared = { key: client, budget: budgetOf(`${kind} client`), common: clientOnly }
    if (isFree(shared)) return shared
    return { key: kind, budget: budgetOf(`${kind} any`), common: nobody }
  }

  const isFree = ({ key, budget }: Place): boolean => budget.open < maxSources || windows.has(key)

  function budgetOf(name: string): Budget {
    const known = budgets.get(name)
    if (known !== undefined) return known
    const made = { open: 0 }
    budgets.set(name, made)
    return made
  }

  function open(place: Place, entry: AuditEntry, time: number): Window {
    const window = { since: time, place, last: entry, suppressed: 0, from: 0, to: 0 }
    windows.set(place.key, window)
    place.budget.open += 1
    arm()
    return window
  }

  function shut({ place: { key, budget } }: Window): void {
    if (windows.delete(key)) budget.open -= 1
  }

  function count(window: Window, entry: AuditEntry): void {
    window.to = now()
    if (window.suppressed === 0) window.from = window.to
    window.last = window.suppressed === 0 ? entry : merged(window.last, entry)
    window.suppressed += 1
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
    for (const window of windows.values()) {
      if (time - window.since < interval) break
      shut(window)
      if (window.suppressed > 0) counted.push(window)
    }
    await Promise.all(
      counted.map(({ place, last, suppressed, from, to }) => {
        const summary = { suppressed, from: iso(from), to: iso(to) }
        const origin = place.common(last.origin)
        return record({ ...last, origin, summary }).catch((error: unknown) => onError?.(error))
      }),
    )
  }

  return {
    async record(source, entry) {
      const time = monotonic()
      // By the clock, not by the timer: a busy process's timers are late.
      void settle(time)
      const place = placeOf(source, entry)
      const known = windows.get(place.key)
      if (known !== undefined) return count(known, entry)
      const window = open(place, entry, time)
      try {
        await record(entry)
      } catch (error) {
        // The next one of the source tries again, unless others have been counted meanwhile.
        if (window.suppressed === 0 && windows.get(place.key) === window) shut(window)
        throw error
      }
    },
    async close() {
      clearTimeout(timer)
      await settle(Number.POSITIVE_INFINITY)
    },
  }
}

const asItIs = (origin: AuditOrigin): AuditOrigin => origin

const clientOnly = ({ actorType, clientId }: AuditOrigin): AuditOrigin => ({ actorType, clientId })

const nobody = ({ actorType }: AuditOrigin): AuditOrigin => ({ actorType })

const iso = (time: number): string => new Date(time).toISOString()
