/** A year of events, made by the database itself: no row has a MAC that is right. */
import type { Database } from '../../../db/database.ts'

type Client = Database['client']

/** Rows a statement. */
const step = 500_000

const columns = `id, created_at, event_type, severity, outcome, client_id, actor_type, actor_id, ip,
  user_agent, request_id, trace_id, method, path, status_code, resource_type, resource_id, details,
  personal_salt, personal_commitment, mac`

/**
 * One step of rows. Some fifty clients, each smaller than the one before by a tenth, with a hundred
 * actors each; half of all events are reads, one in ten thousand is critical.
 */
const rowsText = `
  insert into audit_logs (${columns})
  select
    (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
    to_timestamp(ms / 1000.0), event, severity, outcome,
    ('00000000-0000-7000-8000-' || lpad(to_hex(c), 12, '0'))::uuid, 'user',
    '00000000-0000-7000-9000-' || lpad(to_hex(c * 100 + (b * b * 99)::int), 12, '0'),
    '203.0.113.' || (a * 255)::int, 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 5, 3) || 'a' || substr(h, 8, 15))::uuid::text,
    md5(h), 'GET', '/api/calls', 200, resource,
    (lpad(to_hex(ms - (a * 1e7)::bigint), 12, '0') || '7' || substr(h, 2, 3) || 'b' ||
      substr(h, 9, 15))::uuid::text,
    '{"of": "calls", "count": 20}', decode(h, 'hex'), decode(h || md5(h), 'hex'),
    decode('00000001' || h || md5(h || 'x'), 'hex')
  from (
    select (extract(epoch from now()) * 1000)::bigint
        - (($2::float8 - $1::float8 - n) / $2 * 330 * 86400000)::bigint as ms,
      md5(random()::text) as h, random() as a, random() as b,
      least(49, floor(-ln(random()) * 10))::int as c, kind.*
    from generate_series(1, $3::int) n
    cross join lateral (
      select event, severity, outcome, resource from (values
        ('DATA_READ', 'DEBUG', 'success', 'call', 0.5),
        ('TOKEN_REFRESHED', 'DEBUG', 'success', 'session', 0.6),
        ('CALL_STATUS_CHANGED', 'INFO', 'success', 'call', 0.8),
        ('CALL_QUEUED', 'INFO', 'success', 'call', 0.87),
        ('WEBHOOK_RECEIVED', 'DEBUG', 'success', 'webhook', 0.93),
        ('LOGIN_SUCCESS', 'INFO', 'success', 'session', 0.96),
        ('API_KEY_GENERATED', 'INFO', 'success', 'api_key', 0.98),
        ('LOGIN_FAILURE', 'WARNING', 'failure', 'user', 0.99),
        ('ACCESS_DENIED', 'WARNING', 'denied', null, 0.999),
        ('SECURITY_VIOLATION', 'ERROR', 'unknown', null, 0.9999),
        ('TOKEN_REUSE_DETECTED', 'CRITICAL', 'denied', 'session', 1.1)
      ) kinds (event, severity, outcome, resource, share)
      where share > (select random() where n is not null) limit 1
    ) kind
  ) made`

/** Makes twelve months and fills them. Indexes are made afterwards, which takes a fifth of the time. */
export async function fillYear(client: Client, rows: number): Promise<void> {
  const indexes = await indexesOf(client)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  for (let month = 1; month < 12; month += 1) await client.query(monthText(month))
  for (let made = 0; made < rows; made += step)
    await client.query({ text: rowsText, values: [made, rows, Math.min(step, rows - made)] })
  for (const { text } of indexes) await client.query(text.replace(' ON ONLY ', ' ON '))
  await client.query('vacuum analyze audit_logs')
}

/** The same rows with the same indexes, in one table. */
export async function plainTable(client: Client): Promise<void> {
  await client.query('create table audit_plain as select * from audit_logs')
  await client.query('alter table audit_plain add primary key (id, created_at)')
  for (const { text } of await indexesOf(client))
    await client.query(text.replace(/INDEX \S+ ON (ONLY )?\S+/, 'INDEX ON audit_plain'))
  await client.query('vacuum analyze audit_plain')
}

async function indexesOf(client: Client) {
  const { rows } = await client.query(
    `select indexname as name, indexdef as text from pg_indexes
     where tablename = 'audit_logs' and indexname <> 'audit_logs_pk'`,
  )
  return rows as readonly { readonly name: string; readonly text: string }[]
}

/** A month that is over; the service makes only those to come. */
const monthText = (ago: number) => `do $$
declare
  month date := date_trunc('month', now() at time zone 'UTC') - make_interval(months => ${ago});
begin
  execute format('create table %I partition of audit_logs for values from (%L) to (%L)',
    'audit_logs_' || to_char(month, 'YYYY_MM'), to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
    to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
end $$`
