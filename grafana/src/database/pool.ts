import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped } from '../promql.ts'
import { connection, operations, reached } from './terms.ts'

/** The pool of connections. */
export const poolPanels: readonly Panel[] = [
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
    queries: [{ expr: quantile(0.99, operations, '', reached), legend: 'p99' }],
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
]
