import { sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { callDirections, callStatuses } from '#db/schema/index.ts'
import { ValidationError } from '../errors.ts'
import type { CallStats } from './schemas.ts'

/** A period: from the first moment up to, and without, the second. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

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

/** Figures over one client's calls in a period, erased ones counted. Days are UTC's. */
export async function callStatistics(
  db: Executor,
  clientId: string,
  { from, to }: Period,
): Promise<CallStats> {
  const { rows } = await db.execute<StatsRow>(sql`
    with period as materialized (
      select (created_at at time zone 'UTC')::date as day, status, direction, duration_seconds
      from calls
      where client_id = ${clientId}
        and created_at >= ${from.toISOString()}::timestamptz
        and created_at < ${to.toISOString()}::timestamptz
    )
    select to_char(day, 'YYYY-MM-DD') as day, status, direction, count(*)::int as total,
      null::float8 as average, null::float8 as p95
    from period group by day, status, direction
    union all
    select null, null, null, count(*)::int, avg(duration_seconds)::float8,
      percentile_cont(0.95) within group (order by duration_seconds)
    from period where status = 'completed'`)
  const groups = rows.filter((row): row is GroupRow => row.day !== null)
  const durations = rows.find(({ day }) => day === null)
  const sum = (matches: (group: GroupRow) => boolean) =>
    groups.filter(matches).reduce((total, group) => total + group.total, 0)
  const over = sum(({ status }) => !['queued', 'ringing', 'in-progress'].includes(status))
  const days = [...new Set(groups.map(({ day }) => day))].sort()
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    total: sum(() => true),
    answerRate: over === 0 ? null : sum(({ status }) => status === 'completed') / over,
    averageDurationSeconds: durations?.average ?? null,
    p95DurationSeconds: durations?.p95 ?? null,
    byDay: days.map((day) => ({
      day,
      total: sum((group) => group.day === day),
      completed: sum((group) => group.day === day && group.status === 'completed'),
    })),
    byStatus: counts(callStatuses, (status) => sum((group) => group.status === status)),
    byDirection: counts(callDirections, (way) => sum((group) => group.direction === way)),
  }
}

interface StatsRow extends Record<string, unknown> {
  readonly day: string | null
  readonly status: string | null
  readonly direction: string | null
  readonly total: number
  readonly average: number | null
  readonly p95: number | null
}

interface GroupRow extends StatsRow {
  readonly day: string
  readonly status: string
}

const counts = <const Name extends string>(names: readonly Name[], count: (name: Name) => number) =>
  Object.fromEntries(names.map((name) => [name, count(name)])) as Record<Name, number>
