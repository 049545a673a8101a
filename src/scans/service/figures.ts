import type { Drizzle } from '#db/database.ts'
import { type ScanStanding, scanStanding } from './queries.ts'

/** How scans stand, as far as this process knows: for metrics, which must not ask the database. */
export interface ScanFigures {
  /** Undefined until it was read once. */
  standing(): ScanStanding | undefined
  /** Reads it now. Never rejects: what was known stands while the database is away. */
  refresh(): Promise<void>
  close(): void
}

/** What {@linkcode scanFigures} needs. */
export interface ScanFiguresOptions {
  readonly db: Drizzle
  /** Hears of what could not be read. */
  readonly onError: (error: unknown) => void
  /** Milliseconds between two looks: scans of other replicas show after this. @default a minute */
  readonly interval?: number
}

/** Reads how scans stand, now and by the clock. */
export async function scanFigures(options: ScanFiguresOptions): Promise<ScanFigures> {
  const { db, onError, interval = 60_000 } = options
  let known: ScanStanding | undefined
  const refresh = async () => {
    try {
      known = await scanStanding(db)
    } catch (error) {
      onError(error)
    }
  }
  await refresh()
  const timer = setInterval(() => void refresh(), interval)
  timer.unref()
  return { standing: () => known, refresh, close: () => clearInterval(timer) }
}
