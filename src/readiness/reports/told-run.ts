import type { Result } from '../run.ts'

/** A run, as it is told. */
export interface Run {
  /** Where the service was looked at, without credentials. */
  readonly target: string
  /** Of Caly, whose checks these are. */
  readonly version: string
  readonly at: Date
  readonly results: readonly Result[]
}
