/** A run's report, for people and for other programs. */
import type { Result } from '../run.ts'
import { verdictOf } from '../verdict.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { text } from './text.ts'

/** All formats, the usual one first. */
export const formats = ['text', 'json', 'junit'] as const

/** The name of a format. */
export type Format = (typeof formats)[number]

/** A run, as it is told. */
export interface Run {
  /** Where the service was looked at, without credentials. */
  readonly target: string
  /** Of Caly, whose checks these are. */
  readonly version: string
  readonly at: Date
  readonly results: readonly Result[]
}

/** Writes a report, with a line break at its end. */
export function render(run: Run, format: Format): string {
  const verdict = verdictOf(run.results)
  if (format === 'json') return json(run, verdict)
  return format === 'junit' ? junit(run, verdict) : text(run, verdict)
}
