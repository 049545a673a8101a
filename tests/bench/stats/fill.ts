/** Calls as they are when they are over, made by the database itself: nothing sealed can be opened. */
import type { Database } from '../../../db/database.ts'
import { foldCallChanges } from '../../../src/calls/stats-fold.ts'

/** How calls lie. */
export interface Shape {
  readonly clients: number
  /** Days before `end` that the calls are spread over. */
  readonly days: number
}

/** Calls that came after the last run of the job: what 200 a minute leave in one minute. */
const late = 200

/**
 * Two thirds completed, nine of ten outbound, talk times log-normal around a minute, four hours at
 * most. Every twentieth completed call lasts 95 s: an announcement.
 */
const rowsText = `
  insert into calls (id, client_id, status, direction, provider, provider_call_id, sealed, from_index,
    to_index, created_at, dispatched_at, started_at, answered_at, ended_at, duration_seconds,
    last_heard_at)
  select
    (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid, client,
    status, case when random() < 0.9 then 'outbound' else 'inbound' end, 'exotel', h,
    decode(repeat(h, 12), 'hex'), decode(h, 'hex'), decode(md5(h), 'hex'), at, at, at, at,
    at, case when status <> 'completed' then null when random() < 0.05 then 95
      else least(14400, exp(4.1 + 1.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))
      end::int,
    at
  from (
    select to_timestamp(ms / 1000.0) as at, ms, md5(random()::text) as h,
      ($1::uuid[])[1 + floor(random() * cardinality($1))] as client,
      (array['completed', 'completed', 'completed', 'completed', 'busy', 'no-answer', 'failed',
        'canceled', 'completed', 'completed'])[1 + floor(random() * 10)] as status
    from (
      select $2::bigint - (($3::float8 - n) / $3 * $4 * 86400000)::bigint as ms
      from generate_series($5::int, $6::int) n
    ) as times
  ) as made`

/** @returns the clients */
export async function fillCalls(
  { client, db }: Pick<Database, 'client' | 'db'>,
  rows: number,
  { clients, days }: Shape,
  end: Date,
): Promise<readonly string[]> {
  const { rows: made } = await client.query({
    text: `insert into clients (id, name) select gen_random_uuid(), 'c' || n
      from generate_series(1, $1::int) n returning id`,
    values: [clients],
  })
  const ids = made.map((row) => (row as { id: string }).id)
  const fill = (first: number, last: number) =>
    client.query({ text: rowsText, values: [ids, end.getTime(), rows, days, first, last] })
  await client.query('alter table calls disable trigger user')
  await fill(1, rows - late)
  await client.query('alter table calls enable trigger user')
  await client.query('select caly_recount_calls()')
  await foldCallChanges(db)
  await fill(rows - late + 1, rows)
  await client.query('vacuum analyze')
  return ids
}
