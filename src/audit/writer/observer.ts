/** Hears what a writer does, for metrics and the log. All are optional. */
export interface WriterObserver {
  /** Rows went to the database in one statement. */
  readonly onFlush?: (rows: number, durationMs: number) => void
  /** Rows went to the spool. */
  readonly onSpool?: (rows: number) => void
  /** An event will have no row, and why. To be told to people at once. */
  readonly onGap?: (kind: 'dropped' | 'refused', cause: unknown) => void
  /** From now on events go to the spool. */
  readonly onAway?: (error: unknown) => void
  /** All that was in the spool is in the database. */
  readonly onBack?: (rows: number) => void
  /** A file of the spool cannot be read in full, or a row of it not be written. */
  readonly onDamage?: (lines: number) => void
  /** A row of the spool cannot be written, or its folder not be read. */
  readonly onError?: (error: unknown) => void
}
