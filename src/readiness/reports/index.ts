/** A run's report, for people and for other programs. */
import { verdictOf } from '../verdict.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { text } from './text.ts'
import type { Run } from './told-run.ts'

export type { Run } from './told-run.ts'

/** All formats, the usual one first. */
export const formats = ['text', 'json', 'junit'] as const

/** The name of a format. */
export type Format = (typeof formats)[number]

/** Writes a report, with a line break at its end. */
export function render(run: Run, format: Format): string {
  const verdict = verdictOf(run.results)
  if (format === 'json') return json(run, verdict)
  return format === 'junit' ? junit(run, verdict) : text(run, verdict)
}
