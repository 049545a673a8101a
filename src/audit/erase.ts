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
  /** Whether the trail has heard of such a user or key at all: false for an id that is mistyped. */
  readonly known: boolean
}

/**
 * Empties the personal fields (address, user agent, actor, personal details) of all that an actor did,
 * and of what somebody who was nobody yet did to them, as are their failed logins, and tells so in an
 * event for each month. All or nothing; the seals stay valid. What the actor does later is not
 * touched: close the account first.
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
      const details = { month, rows: ids.length, digest: digest.toString('hex') }
      const stamp = { id: uuidv7(), at: now() }
      const event = auditRow({ event: 'AUDIT_ERASED', origin, details }, stamp, maker)
      // The database empties what an event of this very transaction tells of, and nothing else.
      await insertRows(queries, [event])
      await queries.query({
        text: 'select caly_erase_audit_rows($1, $2, $3)',
        values: [actorId, month, digest],
      })
      rows += ids.length
    }
    return { rows, months, known: rows > 0 || (await isResource(queries, actorId)) }
  })
}

/** As `caly_erase_audit_rows` has it, which refuses to empty other rows than are listed here. */
const ofActor = `erasure is null and (actor_id = $1 or
  (actor_type = 'anonymous' and resource_type = 'user' and resource_id = $1))`

/** Whoever did nothing, or was erased before, is still what something was done to. */
async function isResource(queries: Queries, actorId: string): Promise<boolean> {
  const { rows } = await queries.query({
    text: `select 1 from audit_logs
      where resource_type in ('user', 'api_key') and resource_id = $1 limit 1`,
    values: [actorId],
  })
  return rows.length > 0
}

async function monthsOf(queries: Queries, actorId: string): Promise<string[]> {
  const { rows } = await queries.query({
    text: `select distinct to_char(created_at at time zone 'UTC', 'YYYY-MM') as month
      from audit_logs where ${ofActor} order by month`,
    values: [actorId],
  })
  return (rows as readonly { readonly month: string }[]).map(({ month }) => month)
}

async function rowsOf(queries: Queries, actorId: string, month: string): Promise<string[]> {
  const { begins, ends } = spanOf(month)
  const { rows } = await queries.query({
    text: `select id from audit_logs
      where ${ofActor} and created_at >= $2 and created_at < $3 order by id`,
    values: [actorId, begins, ends],
  })
  return (rows as readonly { readonly id: string }[]).map(({ id }) => id)
}
