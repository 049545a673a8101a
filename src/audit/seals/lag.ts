import { sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { preferIndex } from '../rows/read-rows.ts'

/**
 * How long the oldest row has gone without a seal, in seconds by its own time; 0 where every row has
 * one. Rows that waited in a spool count from when they happened. In a transaction: it changes how the
 * rest of it is planned.
 */
export async function sealLag(tx: Executor): Promise<number> {
  await preferIndex({ query: (text) => tx.execute(sql.raw(text)) })
  const { rows } = await tx.execute<{ readonly age: number }>(sql`
    select extract(epoch from clock_timestamp() - created_at)::float8 as age from audit_logs
    where written_by >=
      coalesce((select to_xid from audit_seals order by position desc limit 1), '0'::xid8)
    order by written_by, id limit 1`)
  return Math.max(0, rows[0]?.age ?? 0)
}
