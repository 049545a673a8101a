/** The statistics of calls by the book: every call of the period, one by one. */
import { and, eq, gte, lt } from 'drizzle-orm'
import type { Executor } from '../../db/database.ts'
import { callDirections, callStatuses, calls } from '../../db/schema/index.ts'
import type { CallStats } from '../../src/calls/index.ts'
import type { Period } from '../../src/calls/stats.ts'

const open: readonly string[] = ['queued', 'ringing', 'in-progress']

/** What the statistics of a client must be by the calls that there are. */
export async function referenceOf(
  db: Executor,
  clientId: string,
  { from, to }: Period,
): Promise<CallStats> {
  const rows = await db
    .select()
    .from(calls)
    .where(and(eq(calls.clientId, clientId), gte(calls.createdAt, from), lt(calls.createdAt, to)))
  const completed = rows.filter(({ status }) => status === 'completed')
  const over = rows.filter(({ status }) => !open.includes(status)).length
  const known = completed
    .flatMap(({ durationSeconds }) => durationSeconds ?? [])
    .toSorted((one, other) => one - other)
  const dayOf = (row: (typeof rows)[number]) => row.createdAt.toISOString().slice(0, 10)
  const count = <const Name extends string>(names: readonly Name[], of: 'status' | 'direction') =>
    Object.fromEntries(
      names.map((name) => [name, rows.filter((row) => row[of] === name).length]),
    ) as Record<Name, number>
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    total: rows.length,
    answerRate: over === 0 ? null : completed.length / over,
    averageDurationSeconds:
      known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
    p95DurationSeconds: percentile(known),
    byDay: [...new Set(rows.map(dayOf))].sort().map((day) => ({
      day,
      total: rows.filter((row) => dayOf(row) === day).length,
      completed: completed.filter((row) => dayOf(row) === day).length,
    })),
    byStatus: count(callStatuses, 'status'),
    byDirection: count(callDirections, 'direction'),
  }
}

/** The 95th percentile, between two values as `percentile_cont` is. */
function percentile(sorted: readonly number[]): number | null {
  const rank = 0.95 * (sorted.length - 1)
  const low = sorted[Math.floor(rank)]
  const high = sorted[Math.ceil(rank)]
  return low === undefined || high === undefined
    ? null
    : low + (rank - Math.floor(rank)) * (high - low)
}
