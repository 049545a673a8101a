import { sql } from 'drizzle-orm'
import type { Executor } from './database.ts'

/** States of a job that are told of, as pg-boss names them. */
export const jobStates = ['created', 'retry', 'active', 'failed', 'completed'] as const

/** A state of a job. */
export type JobState = (typeof jobStates)[number]

/** How a queue stands. */
export interface QueueFigures {
  readonly queue: string
  /**
   * Jobs by state. Those that are over are kept for a while, and are as many as pg-boss counted some
   * 10 s ago; absent before it has.
   */
  readonly jobs: Readonly<Partial<Record<JobState, number>>>
  /** Seconds that the oldest job that could run has waited; 0 where none waits. */
  readonly waited: number
}

/** Queues at most: the code has a dozen, and what earlier versions had is still in the table. */
const mostQueues = 50

/**
 * How every queue stands. Goes by the index that has only jobs which are not over well, so that it
 * costs what waits, and not what was done in a day: 60 ms where 100,000 wait.
 */
export async function jobFigures(db: Executor): Promise<readonly QueueFigures[]> {
  const { rows } = await db.execute<QueueRow>(sql`
    select q.name,
      count(*) filter (where j.state = 'created')::int as created,
      count(*) filter (where j.state = 'retry')::int as retry,
      count(*) filter (where j.state = 'active')::int as active,
      count(*) filter (where j.state = 'failed')::int as failed,
      q.retained_count as completed,
      extract(epoch from now() - min(j.start_after) filter (
        where j.state < 'active' and not j.blocked and j.start_after <= now()))::float8 as waited
    from pgboss.queue q
    left join pgboss.job j
      on j.name = q.name and j.state in ('created', 'retry', 'active', 'failed')
    where q.name !~ '^__pgboss__'
    group by q.name
    order by q.name
    limit ${mostQueues}`)
  return rows.map(({ name, waited, completed, ...jobs }) => ({
    queue: name,
    jobs: { ...jobs, ...(completed !== null && { completed }) },
    waited: waited ?? 0,
  }))
}

/** A row as the driver gives it. */
interface QueueRow extends Record<string, unknown> {
  readonly name: string
  readonly created: number
  readonly retry: number
  readonly active: number
  readonly failed: number
  readonly completed: number | null
  readonly waited: number | null
}
