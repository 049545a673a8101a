import { type SQL, sql } from 'drizzle-orm'
import { durationClass } from './stats-classes.ts'

/** A period: from the first moment up to, and without, the second. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

/** A row of the answer: figures of a day, a status or a direction, or of the talk times of all. */
export interface StatsRow extends Record<string, unknown> {
  readonly day: string | null
  readonly status: string | null
  readonly direction: string | null
  readonly total: number
  readonly completed: number
  readonly average: number | null
  readonly p95: number | null
}

/**
 * The figures of one client in a period, exact, in one statement and so of one moment. Whole days are
 * read as sums. The period begins and ends within days: each end is moved to the nearest midnight, and
 * the calls in between, of twelve hours at most, are added or taken away.
 *
 * The percentile is `percentile_cont(0.95)`: the classes of talk time tell in which of them its two
 * neighbours lie, and only these are read to the second.
 */
export function statsStatement(clientId: string, period: Period): SQL {
  const { first, last, edges } = splitAtMidnight(period)
  const ofDays = sql`client_id = ${clientId}
    and day >= date '1970-01-01' + ${first}::int and day < date '1970-01-01' + ${last}::int`
  const ofEdge = ({ since, until, weight }: Edge) => sql`
    select created_at, direction, status, duration_seconds, ${weight}::int as weight from calls
    where client_id = ${clientId} and created_at >= ${since.toISOString()}::timestamptz
      and created_at < ${until.toISOString()}::timestamptz`
  return sql`
    with
    -- What is in no sum of a whole day.
    loose as materialized (
      select day, direction, status, seconds, calls from call_changes where ${ofDays}
      union all
      select (created_at at time zone 'UTC')::date, direction, status,
        case when status = 'completed' then duration_seconds end, sum(weight)::int
      from (${sql.join(edges.map(ofEdge), sql` union all `)}) as live
      group by 1, 2, 3, 4
    ), sums as materialized (
      select day, direction, status, calls, seconds from call_sums where ${ofDays}
      union all
      select day, direction, status, calls, calls * seconds::bigint from loose
    ), loose_durations as materialized (
      select ${durationClass(sql`seconds`)} as class, seconds, sum(calls)::int as calls
      from loose where seconds is not null group by seconds
    ), classes as materialized (
      select class, sum(calls) as calls, sum(sum(calls)) over (order by class) as upto
      from (
        select class, calls from call_classes where ${ofDays}
        union all
        select class, calls from loose_durations
      ) as counted
      group by class
    ),
    -- Counted from 0, and between two calls as a rule.
    place as materialized (
      select 0.95::float8 * (known - 1) as rank, known
      from (select nullif(sum(calls), 0)::float8 as known from classes) as counted
    ), chosen as materialized (
      select class, upto - calls as before from classes, place
      where upto > floor(rank) and upto - calls <= ceil(rank)
    ), seconds as (
      select seconds,
        (select min(before) from chosen) + sum(sum(calls)) over (order by seconds) as upto
      from (
        select seconds, calls from call_durations
        where class = any (array(select class from chosen)) and ${ofDays}
        union all
        select seconds, calls from loose_durations where class in (select class from chosen)
      ) as counted
      group by seconds
    ), ends as (
      select min(seconds) filter (where upto > floor(rank)) as low,
        min(seconds) filter (where upto > ceil(rank)) as high
      from seconds, place
    )
    select to_char(day, 'YYYY-MM-DD') as day, status, direction, sum(calls)::int as total,
      coalesce(sum(calls) filter (where status = 'completed'), 0)::int as completed,
      null::float8 as average, null::float8 as p95
    from sums group by grouping sets ((day), (status), (direction))
    union all
    select null, null, null, 0, 0, (select sum(seconds)::float8 from sums) / known,
      low + (rank - floor(rank)) * (high - low)
    from place, ends`
}

const day = 86_400_000

/** The last day that a date without more than four digits can name: 9999-12-31. */
const lastDay = 2_932_896

interface Edge {
  readonly since: Date
  readonly until: Date
  /** 1 where its calls are added to those of the whole days, -1 where they are taken away. */
  readonly weight: 1 | -1
}

/** Days since 1970, the last one not included, and what lies between them and the period's ends. */
function splitAtMidnight({ from, to }: Period) {
  const first = nearest(from)
  const last = nearest(to)
  const spare = [edge(from, midnight(first)), edge(midnight(last), to)]
  const whole = [edge(from, to), edge(to, to)]
  // A short period is read call by call, if that is less than what lies at its ends.
  return length(whole) <= length(spare)
    ? { first: 0, last: 0, edges: whole }
    : { first, last, edges: spare }
}

const nearest = (at: Date) => Math.min(Math.round(at.getTime() / day), lastDay)
const midnight = (days: number) => new Date(days * day)

const edge = (since: Date, until: Date): Edge =>
  since <= until ? { since, until, weight: 1 } : { since: until, until: since, weight: -1 }

const length = (edges: readonly Edge[]) =>
  edges.reduce((sum, { since, until }) => sum + until.getTime() - since.getTime(), 0)
