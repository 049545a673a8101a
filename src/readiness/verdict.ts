import type { Result } from './run.ts'

/** What the results come to. */
export interface Verdict {
  /** Passed of all, rounded down to a tenth: 100 means all, and a skipped check is not passed. */
  readonly percent: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly total: number
}

/** Sums results up. */
export function verdictOf(results: readonly Pick<Result, 'status'>[]): Verdict {
  const count = (status: Result['status']) => results.filter((one) => one.status === status).length
  const total = results.length
  const passed = count('pass')
  return {
    percent: total === 0 ? 0 : Math.floor((1000 * passed) / total) / 10,
    passed,
    failed: count('fail'),
    skipped: count('skip'),
    total,
  }
}
