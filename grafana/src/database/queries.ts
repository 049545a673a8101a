import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped, top } from '../promql.ts'
import { label } from '../traces.ts'
import { operations, reached } from './terms.ts'

/** Spans of queries are called as their summary. */
const querySpan = label('db_query_summary')

/** Statements by what they are. */
export const queriesPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Slowest queries',
    unit: 's',
    shows:
      'The slowest twentieth begins here (p95), for the ten slowest kinds of statement. Those that got no connection do not count. A dot is a trace.',
    act: 'click the curve: the traces hold spans of that name, with the text of the statement. Have it explained (`explain (analyze, buffers)`): a missing index reads all rows, a lock waits without reading.',
    traces: { title: 'Traces with the query', operation: querySpan },
    queries: [
      {
        expr: top(10, quantile(0.95, operations, 'db_query_summary', reached)),
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
        expr: top(10, perSecond(`${operations}_sum`, 'db_query_summary', reached)),
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
    shows: 'How many statements took how long: a darker field is more of them. A dot is a trace.',
    act: 'a second band far above the first: a plan that changed, or a lock. A dot of it tells which.',
    traces: { title: 'Slow requests', slowerThan: '500ms' },
    queries: [
      {
        expr: `sum by (le) (increase(${operations}_bucket{${reached}}[$__rate_interval]))`,
        legend: '{{le}}',
      },
    ],
  },
]
