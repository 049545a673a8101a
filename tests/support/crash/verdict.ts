/** Holds the tables against what clients were told. */
import type { openDatabaseOf } from '../database.ts'
import { eventually } from '../process.ts'
import type { Placed } from './placing.ts'

type Rows = Awaited<ReturnType<typeof openDatabaseOf>>

/** What became of the calls. */
export interface Verdict {
  /** What must not be: one line for each call and broken promise. */
  readonly broken: readonly string[]
  /** Calls whose process died between asking the provider and writing its answer down. */
  readonly unsettled: number
  /** Deaths that calls had to live through after they were accepted and before anything was heard. */
  readonly survived: number
  /** Milliseconds from a call's acceptance until its end was written down, at most. */
  readonly longest: number
}

/**
 * Has the database itself write down each time that the provider is about to be asked to place a
 * call, and each time that it certainly was not placed: whatever the code believes.
 */
export async function witness(database: Rows): Promise<void> {
  await database.query('create table placings (call_id uuid not null, step int not null)')
  await database.query(`
    create function witness() returns trigger language plpgsql as $$ begin
      insert into placings values (new.id, case when new.dispatched_at is null then -1 else 1 end);
      return new;
    end $$`)
  await database.query(`
    create trigger witness after update of dispatched_at on calls for each row
    when (old.dispatched_at is distinct from new.dispatched_at) execute function witness()`)
}

/** Waits until all calls and their jobs have ended. @returns a line for each that does not */
export async function untilEnded(database: Rows, limit: number): Promise<string[]> {
  const open = () =>
    database.query(`
      select 'call' as what, id, status from calls where status in ('queued', 'ringing', 'in-progress')
      union all select 'job', id, state::text from pgboss.job
        where name = 'calls.place' and state not in ('completed', 'failed')`)
  await eventually(open, (rows) => rows.length === 0, limit).catch(() => {})
  return (await open()).map((row) => `does not end: ${JSON.stringify(row)}`)
}

/** Looks at every call. @param deaths milliseconds since the epoch */
export async function judge(
  database: Rows,
  { ids, keys, surprises }: Placed,
  deaths: readonly number[] = [],
): Promise<Verdict> {
  const calls = await database.query(
    `select calls.id, status,
      (select count(*) from idempotency_keys where call_id = calls.id)::int as keys,
      (select sum(step) from placings where call_id = calls.id)::int as asked,
      placed, queued, ended, array_length(times, 1) as changes,
      (select array_agg(source || ' ' || status order by call_events.id) from call_events
        where call_id = calls.id) as events,
      (select count(*) from unnest($1::float8[]) as death
        where death between times[1] and times[2])::int as survived,
      times[array_length(times, 1)] - times[1] as took
    from calls cross join lateral (
      select count(*) filter (where event_type = 'CALL_QUEUED')::int as queued,
        count(*) filter (where event_type = 'CALL_PLACED')::int as placed,
        count(*) filter (where details->>'to' = 'completed')::int as ended,
        array_agg(extract(epoch from created_at)::float8 * 1000 order by created_at) filter (
          where event_type = 'CALL_QUEUED' or details->>'to' in ('in-progress', 'completed')) as times
      from audit_logs where resource_id = calls.id::text) as trail`,
    [`{${deaths.join()}}`],
  )
  const broken = [...surprises]
  const known = new Set(calls.map(({ id }) => String(id)))
  for (const id of ids) if (!known.has(id)) broken.push(`${id} was accepted and is not there`)
  if (new Set(ids).size !== ids.length) broken.push('two keys were answered one call')
  if (ids.length !== keys) broken.push(`${keys} keys were answered ${ids.length} times`)
  if (calls.length !== keys) broken.push(`${keys} keys made ${calls.length} calls`)
  for (const call of calls) if (!isSound(call)) broken.push(JSON.stringify(call))
  const failed = `select id from pgboss.job where name = 'calls.place' and state = 'failed'`
  for (const { id } of await database.query(failed)) broken.push(`the job ${id} failed`)
  return {
    broken,
    unsettled: calls.filter(({ placed }) => placed === 0).length,
    survived: calls.reduce((sum, { survived }) => sum + Number(survived), 0),
    longest: Math.round(Math.max(0, ...calls.map(({ took }) => Number(took)))),
  }
}

/**
 * Accepted once, asked for once, placed at most once by the book, ended once; each event once. What
 * a dead simulator did not report, reconciliation has found out.
 */
function isSound({ status, keys, asked, placed, queued, ended, events }: Record<string, unknown>) {
  const told = events as readonly string[]
  const once = keys === 1 && queued === 1 && asked === 1 && Number(placed) <= 1 && ended === 1
  const known = told.includes('callback completed') || told.includes('reconciliation completed')
  const distinct = new Set(told).size === told.length
  return status === 'completed' && once && told[0] === 'api queued' && known && distinct
}
