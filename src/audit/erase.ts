import { v7 as uuidv7 } from 'uuid'
import type { Database } from '#db/database.ts'
import type { AuditOrigin } from './entry.ts'
import { erasureDigest } from './erasure.ts'
import { insertRows } from './insert.ts'
import { auditRow, type RowMaker } from './row.ts'
import type { Queries } from './rows/read-rows.ts'
import { inTransaction } from './transaction.ts'
import { spanOf } from './verify/months.ts'

/** What an erasure needs. */
export interface EraseOptions {
  readonly client: Database['client']
  readonly maker: RowMaker
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What an erasure did. */
export interface Erased {
  readonly rows: number
  readonly months: readonly string[]
}

/**
 * Empties the personal fields (address, user agent, actor, personal details) of all that an actor did,
 * and tells so in an event for each month. All or nothing; the seals stay valid. What the actor does
 * later is not touched: close the account first.
 *
 * @param actorId a user's or a key's id, as `actor_id` has it
 * @param origin who erases
 */
export function eraseActor(
  { client, maker, now }: EraseOptions,
  actorId: string,
  origin: AuditOrigin,
): Promise<Erased> {
  // The rows that are listed are those that are emptied: both statements see one moment.
  const mode = 'isolation level repeatable read'
  return inTransaction(client, { label: 'audit erasure', mode }, async (queries) => {
    await queries.query('set local statement_timeout = 0')
    const months = await monthsOf(queries, actorId)
    let rows = 0
    for (const month of months) {
      const ids = await rowsOf(queries, actorId, month)
      const digest = erasureDigest(ids)
      await empty(queries, actorId, month, { digest, rows: ids.length })
      const details = { month, rows: ids.length, digest: digest.toString('hex') }
      const stamp = { id: uuidv7(), at: now() }
      const event = auditRow({ event: 'AUDIT_ERASED', origin, details }, stamp, maker)
      await insertRows(queries, [event])
      rows += ids.length
    }
    return { rows, months }
  })
}

async function monthsOf(queries: Queries, actorId: string): Promise<string[]> {
  const { rows } = await queries.query({
    text: `select distinct to_char(created_at at time zone 'UTC', 'YYYY-MM') as month
      from audit_logs where actor_id = $1 order by month`,
    values: [actorId],
  })
  return (rows as readonly { readonly month: string }[]).map(({ month }) => month)
}

async function rowsOf(queries: Queries, actorId: string, month: string): Promise<string[]> {
  const { begins, ends } = spanOf(month)
  const { rows } = await queries.query({
    text: `select id from audit_logs
      where actor_id = $1 and created_at >= $2 and created_at < $3 order by id`,
    values: [actorId, begins, ends],
  })
  return (rows as readonly { readonly id: string }[]).map(({ id }) => id)
}

async function empty(
  queries: Queries,
  actorId: string,
  month: string,
  expected: { readonly digest: Buffer; readonly rows: number },
): Promise<void> {
  const { begins, ends } = spanOf(month)
  const { rows } = await queries.query({
    text: 'select caly_erase_audit_rows($1, $2, $3, $4) as emptied',
    values: [actorId, begins, ends, expected.digest],
  })
  const [row] = rows as readonly { readonly emptied: number }[]
  if (row?.emptied !== expected.rows)
    throw new Error(`An erasure emptied other rows of ${month} than it had listed`)
}
