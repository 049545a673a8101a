import { desc, inArray, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Executor } from '#db/database.ts'
import { readinessRuns } from '#db/schema/index.ts'
import type { Run } from './reports/index.ts'
import { plainResult } from './reports/json.ts'
import { verdictOf } from './verdict.ts'

/** Runs that are kept: years of one a day. */
const mostRuns = 1000

/** Keeps a run of all checks, and forgets the oldest of too many. */
export async function recordRun(
  db: Executor,
  { target, version, at, results }: Run,
): Promise<void> {
  const { percent, passed, total } = verdictOf(results)
  const checks = results.map(plainResult)
  const row = { id: uuidv7(), createdAt: at, target, version, percent, passed, total, checks }
  await db.insert(readinessRuns).values(row)
  const surplus = db
    .select({ id: readinessRuns.id })
    .from(readinessRuns)
    .orderBy(desc(readinessRuns.id))
    .offset(mostRuns)
  await db.delete(readinessRuns).where(inArray(readinessRuns.id, surplus))
}

/** What the last run found. */
export interface ReadinessStanding {
  readonly at: Date
  /** Of 100. */
  readonly percent: number
  readonly failed: number
}

/** What the newest run found; undefined where there was none. */
export async function readinessStanding(db: Executor): Promise<ReadinessStanding | undefined> {
  const failed = sql<number>`(
    select count(*)::int from jsonb_array_elements(${readinessRuns.checks}) as one
    where one ->> 'status' = 'fail'
  )`
  const [newest] = await db
    .select({ at: readinessRuns.createdAt, percent: readinessRuns.percent, failed })
    .from(readinessRuns)
    .orderBy(desc(readinessRuns.id))
    .limit(1)
  return newest
}
