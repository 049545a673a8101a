/** Changes become sums: a job adds up what triggers on `calls` have written down. */
import { sql } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { durationClass } from './stats-classes.ts'

/** Changes that one transaction adds up. */
const batch = 20_000

/** The class of Caly's advisory locks ("caly"); the audit trail takes numbers 1 and 2. */
const lockClass = 0x63616c79
const foldingLock = 3

/**
 * Adds all changes to the sums, and removes them. Each is taken in the transaction that counts it:
 * whoever reads changes and sums in one statement finds it once, however many do this at a time.
 */
export async function foldCallChanges(db: Drizzle, signal?: AbortSignal): Promise<void> {
  while (signal?.aborted !== true && (await foldBatch(db)) === batch);
}

/** @returns how many changes were taken; 0 if somebody else is at it */
function foldBatch(db: Drizzle): Promise<number> {
  return db.transaction(async (tx) => {
    // Two would wait for each other's rows, in an order that nobody knows.
    const lock = await tx.execute<{ mine: boolean }>(
      sql`select pg_try_advisory_xact_lock(${sql.raw(`${lockClass}, ${foldingLock}`)}) as mine`,
    )
    if (lock.rows[0]?.mine !== true) return 0
    const { rows } = await tx.execute<{ taken: number }>(sql`
      with taken as (
        delete from call_changes where (client_id, day, id) in
          (select client_id, day, id from call_changes order by client_id, day, id limit ${batch})
        returning client_id, day, direction, status, ${durationClass(sql`seconds`)} as class, seconds,
          calls
      ), sums as (
        insert into call_sums as sums (client_id, day, direction, status, calls, seconds)
        select client_id, day, direction, status, sum(calls),
          coalesce(sum(calls * seconds::bigint), 0)
        from taken group by 1, 2, 3, 4
        -- Most calls are queued, ring and are over within one batch.
        having sum(calls) <> 0 or sum(calls * seconds::bigint) <> 0
        on conflict (client_id, day, direction, status) do update
          set calls = sums.calls + excluded.calls, seconds = sums.seconds + excluded.seconds
      ), classes as (
        insert into call_classes as sums (client_id, day, class, calls)
        select client_id, day, class, sum(calls)
        from taken where seconds is not null group by 1, 2, 3 having sum(calls) <> 0
        on conflict (client_id, day, class) do update set calls = sums.calls + excluded.calls
      ), durations as (
        insert into call_durations as sums (client_id, class, day, seconds, calls)
        select client_id, class, day, seconds, sum(calls)
        from taken where seconds is not null group by 1, 2, 3, 4 having sum(calls) <> 0
        on conflict (client_id, class, day, seconds) do update
          set calls = sums.calls + excluded.calls
      )
      select count(*)::int as taken from taken`)
    return rows[0]?.taken ?? 0
  })
}
