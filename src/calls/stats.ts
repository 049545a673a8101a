import type { Executor } from '#db/database.ts'
import { callDirections, callStatuses } from '#db/schema/index.ts'
import { ValidationError } from '../errors.ts'
import type { CallStats } from './schemas.ts'
import { type Period, type StatsRow, statsStatement } from './stats-statement.ts'

export type { Period } from './stats-statement.ts'

/** Days that a statistic covers by default, and at most. */
const defaultDays = 30
const maxDays = 366
const day = 86_400_000

/**
 * The period that a query asks for.
 *
 * @throws {ValidationError} if it is empty, or longer than a year
 */
export function periodOf(query: { from?: string; to?: string }, now: number): Period {
  const to = query.to === undefined ? new Date(now) : new Date(query.to)
  const from =
    query.from === undefined ? new Date(to.getTime() - defaultDays * day) : new Date(query.from)
  const length = to.getTime() - from.getTime()
  if (length > 0 && length <= maxDays * day) return { from, to }
  const message = `must be before "to", by ${maxDays} days at most`
  throw new ValidationError([{ path: 'query.from', code: 'period', message }])
}

/** Figures over one client's calls in a period, exact, erased ones counted. Days are UTC's. */
export async function callStatistics(
  db: Executor,
  clientId: string,
  period: Period,
): Promise<CallStats> {
  const { rows } = await db.execute<StatsRow>(statsStatement(clientId, period))
  const byStatus = counts(callStatuses, rows, 'status')
  const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0)
  const over = total - byStatus.queued - byStatus.ringing - byStatus['in-progress']
  const durations = rows.find((row) => (row.day ?? row.status ?? row.direction) === null)
  return {
    from: period.from.toISOString(),
    to: period.to.toISOString(),
    total,
    answerRate: over === 0 ? null : byStatus.completed / over,
    averageDurationSeconds: durations?.average ?? null,
    p95DurationSeconds: durations?.p95 ?? null,
    byDay: rows
      .flatMap(({ day, total, completed }) => (day === null ? [] : [{ day, total, completed }]))
      // A day that the period only touches, or that its calls have left.
      .filter(({ total }) => total > 0)
      .sort((one, other) => (one.day < other.day ? -1 : 1)),
    byStatus,
    byDirection: counts(callDirections, rows, 'direction'),
  }
}

function counts<const Name extends string>(
  names: readonly Name[],
  rows: readonly StatsRow[],
  column: 'status' | 'direction',
) {
  const totals = new Map(rows.map((row) => [row[column], row.total]))
  return Object.fromEntries(names.map((name) => [name, totals.get(name) ?? 0])) as Record<
    Name,
    number
  >
}
