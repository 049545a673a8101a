/** Which query is slow, who waits for a connection, and what work waits to be done? */
import type { Board } from './board.ts'
import { perSecond, quantile, scraped, top } from './promql.ts'
import { label } from './traces.ts'

const operations = 'db_client_operation_duration_seconds'
const connection = 'db_client_connection'
const jobs = 'messaging_process_duration_seconds'
/** Spans of queries are called as their summary. */
const querySpan = label('db_query_summary')
const jobSpan = `process ${label('messaging_destination_name')}`

/** PostgreSQL as Caly sees it: pool, queries, jobs, tables. */
export const database: Board = {
  uid: 'caly-database',
  title: 'Caly: Database',
  description:
    'The pool, the queries by what they are, the jobs that wait, and the tables. A slow query: find it under Slowest queries, click it, and read its text in the trace.',
  rows: {
    'The pool': [
      {
        as: 'figure',
        title: 'Pool in use',
        unit: 'percentunit',
        shows: 'Connections in use, of those that the pool may have; the fullest instance.',
        act: 'near 100 % requests wait: find what holds connections under Time in the database.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.7, 0.9],
        queries: [
          {
            expr: `max(sum by (instance) (${connection}_count{${scraped},db_client_connection_state="used"}) / sum by (instance) (${connection}_limit{${scraped}}))`,
            legend: 'used',
          },
        ],
      },
      {
        as: 'figure',
        title: 'Waiting',
        unit: 'none',
        shows: 'Callers that wait for a connection right now.',
        act: 'more than none for longer than a moment: the pool is too small, or a query too slow.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [1, 20],
        queries: [{ expr: `sum(${connection}_pending_requests{${scraped}})`, legend: 'waiting' }],
      },
      {
        as: 'figure',
        title: 'Queries',
        unit: 'ops',
        shows: 'Statements a second, those of jobs among them.',
        act: 'far more than requests would need: a list that asks for each of its rows. A trace shows them one under another.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        queries: [{ expr: perSecond(`${operations}_count`), legend: 'queries' }],
      },
      {
        as: 'figure',
        title: 'Slowest hundredth',
        unit: 's',
        shows: 'All but one of a hundred statements take no longer.',
        act: 'Slowest queries, below, has their names.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.1, 1],
        queries: [{ expr: quantile(0.99, operations), legend: 'p99' }],
      },
      {
        as: 'figure',
        title: 'Slow queries',
        unit: 'none',
        shows: 'Statements in the time shown that took longer than DB_SLOW_QUERY_MS.',
        act: 'each is a line of the log with its text; Slowest queries leads to their traces.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [1, 50],
        queries: [
          {
            expr: `sum(increase(caly_db_slow_queries_total{${scraped}}[$__range]))`,
            legend: 'slow',
          },
        ],
      },
      {
        as: 'figure',
        title: 'Oldest job',
        unit: 's',
        shows: 'How long the job that has waited longest is due.',
        act: 'above a minute, work is late: see Jobs that wait for its queue.',
        traces: { title: 'Failed jobs', tags: 'error=true messaging.operation.type=process' },
        bad: [60, 300],
        queries: [{ expr: `max(caly_jobs_oldest_age_seconds{${scraped}})`, legend: 'oldest' }],
      },
      {
        as: 'graph',
        title: 'Connections',
        unit: 'none',
        shows: 'Connections by state, and how many there may be.',
        act: '`used` at the limit: find the holder under Time in the database, or raise DB_POOL_MAX where Postgres has room (replicas times DB_POOL_MAX below its max_connections).',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        queries: [
          {
            expr: `sum by (db_client_connection_state) (${connection}_count{${scraped}})`,
            legend: '{{db_client_connection_state}}',
          },
          { expr: `sum(${connection}_limit{${scraped}})`, legend: 'limit' },
        ],
      },
      {
        as: 'graph',
        title: 'Callers that wait',
        unit: 'none',
        shows: 'Callers that wait for a connection, by instance.',
        act: 'a wave that falls again is a burst. One that stays: something holds connections; the log names what is held for long.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [5, 20],
        queries: [{ expr: `${connection}_pending_requests{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'graph',
        title: 'Waits for a connection',
        unit: 's',
        shows:
          'The longest hundredth of waits begins here (p99), and of the times a connection is held or takes to open.',
        act: 'long waits with short holds: too few connections. Long holds: a slow query, or a transaction that waits for something else. Slow to open: the network, or Postgres is full.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        queries: [
          { expr: quantile(0.99, `${connection}_wait_time_seconds`), legend: 'wait' },
          { expr: quantile(0.99, `${connection}_use_time_seconds`), legend: 'held' },
          { expr: quantile(0.99, `${connection}_create_time_seconds`), legend: 'open' },
        ],
      },
      {
        as: 'graph',
        title: 'Gave up waiting',
        unit: 'cps',
        shows:
          'Callers a second that got no connection within DB_CONNECTION_TIMEOUT: their requests were answered 503.',
        act: 'any at all is an outage for somebody: follow the runbook of CalyPoolExhausted.',
        traces: { title: 'Refused requests', tags: 'http.response.status_code=503' },
        queries: [
          { expr: perSecond(`${connection}_timeouts_total`, 'instance'), legend: '{{instance}}' },
        ],
      },
    ],
    Queries: [
      {
        as: 'graph',
        title: 'Slowest queries',
        unit: 's',
        shows:
          'The slowest twentieth begins here (p95), for the ten slowest kinds of statement. A dot is a trace.',
        act: 'click the curve: the traces hold spans of that name, with the text of the statement. Have it explained (`explain (analyze, buffers)`): a missing index reads all rows, a lock waits without reading.',
        traces: { title: 'Traces with the query', operation: querySpan },
        queries: [
          {
            expr: top(10, quantile(0.95, operations, 'db_query_summary')),
            legend: '{{db_query_summary}}',
          },
        ],
        width: 12,
      },
      {
        as: 'graph',
        title: 'Time in the database',
        unit: 'percentunit',
        shows:
          'Connections that are busy with each kind of statement, on average: 100 % is one. The ten largest.',
        act: 'what is on top is what makes the database busy, be it slow or frequent: improve that first.',
        traces: { title: 'Traces with the query', operation: querySpan },
        queries: [
          {
            expr: top(10, perSecond(`${operations}_sum`, 'db_query_summary')),
            legend: '{{db_query_summary}}',
          },
        ],
        width: 12,
      },
      {
        as: 'graph',
        title: 'Rate by query',
        unit: 'ops',
        shows: 'Statements a second, for the ten most frequent kinds.',
        act: 'one that grows faster than the requests is asked for in a loop: its trace shows it many times.',
        traces: { title: 'Traces with the query', operation: querySpan },
        queries: [
          {
            expr: top(10, perSecond(`${operations}_count`, 'db_query_summary')),
            legend: '{{db_query_summary}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Failed queries',
        unit: 'ops',
        shows:
          'Statements a second that Postgres refused or that never reached it, by SQLSTATE or cause.',
        act: '57014: ran into DB_STATEMENT_TIMEOUT. 40001, 40P01: conflicts that are tried again. 23505 alone is normal (something was there already). 53300: Postgres has no connection left. `DatabaseUnavailableError`: no connection came free in time, or none could be made; see the pool.',
        traces: { title: 'Failed queries', tags: `error.type=${label('error_type')}` },
        queries: [
          {
            expr: perSecond(`${operations}_count`, 'error_type', `${scraped},error_type!=""`),
            legend: '{{error_type}}',
          },
        ],
      },
      {
        as: 'heatmap',
        title: 'How durations spread',
        unit: 's',
        shows:
          'How many statements took how long: a darker field is more of them. A dot is a trace.',
        act: 'a second band far above the first: a plan that changed, or a lock. A dot of it tells which.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        queries: [
          {
            expr: `sum by (le) (increase(${operations}_bucket{${scraped}}[$__rate_interval]))`,
            legend: '{{le}}',
          },
        ],
      },
    ],
    Jobs: [
      {
        as: 'graph',
        title: 'Jobs that wait',
        unit: 's',
        shows: 'How long the oldest job that is due has waited, by queue.',
        act: 'rising: no process works on the queue, or each job takes long or fails. Compare with Jobs done and Failed jobs.',
        traces: {
          title: 'Traces of the queue',
          operation: `process ${label('caly_job_queue')}`,
        },
        bad: [60, 300],
        queries: [
          {
            expr: `max by (caly_job_queue) (caly_jobs_oldest_age_seconds{${scraped}})`,
            legend: '{{caly_job_queue}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Jobs by state',
        unit: 'none',
        shows: 'Jobs in the database, by state.',
        act: 'many `created` or `retry`: they wait, see above. `failed` are those that no attempt was left for: the log has their errors.',
        traces: { title: 'Failed jobs', tags: 'error=true messaging.operation.type=process' },
        queries: [
          {
            expr: `sum by (caly_job_state) (max by (caly_job_queue, caly_job_state) (caly_jobs{${scraped}}))`,
            legend: '{{caly_job_state}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Jobs done',
        unit: 'ops',
        shows: 'Jobs a second that were carried out, by queue.',
        act: 'none, while jobs wait: is a process running, and does it reach the database?',
        traces: { title: 'Traces of the queue', operation: jobSpan },
        queries: [
          {
            expr: perSecond(`${jobs}_count`, 'messaging_destination_name'),
            legend: '{{messaging_destination_name}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Failed jobs',
        unit: 'ops',
        shows:
          'Attempts a second that failed, by queue and cause. They are tried again a few times.',
        act: 'click for the traces: the red span is the cause. `calls.place`: Calls; `scans.run`: Security.',
        traces: { title: 'Failed jobs of the queue', operation: jobSpan, tags: 'error=true' },
        queries: [
          {
            expr: perSecond(
              `${jobs}_count`,
              'messaging_destination_name, error_type',
              `${scraped},error_type!=""`,
            ),
            legend: '{{messaging_destination_name}} {{error_type}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Duration of jobs',
        unit: 's',
        shows: 'The slowest twentieth begins here (p95), by queue. A dot is a trace.',
        act: "near a queue's limit its jobs are cut off and tried again: see what they wait for in a trace.",
        traces: { title: 'Traces of the queue', operation: jobSpan },
        queries: [
          {
            expr: quantile(0.95, jobs, 'messaging_destination_name'),
            legend: '{{messaging_destination_name}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Jobs sent',
        unit: 'ops',
        shows: 'Jobs a second that were asked for, by queue.',
        act: 'more than are done, for long: they pile up. Another replica works on them too.',
        traces: {
          title: 'Traces of the queue',
          operation: `send ${label('messaging_destination_name')}`,
        },
        queries: [
          {
            expr: perSecond('messaging_client_sent_messages_total', 'messaging_destination_name'),
            legend: '{{messaging_destination_name}}',
          },
        ],
      },
    ],
    'Tables (from PostgreSQL)': [
      {
        as: 'table',
        title: 'Largest tables',
        unit: 'none',
        shows:
          'Tables with their indexes, rows (about), and rows that were deleted or changed and are not cleared away yet.',
        act: 'many dead rows that stay: an old transaction is open, or autovacuum is too slow. A table that grows without end: is its retention job done? (Jobs done: auth.retention, audit.upkeep, scans.upkeep)',
        traces: { title: 'Traces of retention', operation: 'process audit.upkeep' },
        units: { size: 'bytes', rows: 'short', dead: 'short' },
        sql: `SELECT schemaname || '.' || relname AS "table",
  pg_total_relation_size(relid) AS size,
  n_live_tup AS rows,
  n_dead_tup AS dead,
  greatest(last_vacuum, last_autovacuum) AS vacuumed
FROM pg_stat_user_tables
ORDER BY size DESC
LIMIT 20`,
      },
    ],
  },
}
