import type { Panel } from '../panel.ts'
import { perSecond, quantile, requests, top } from '../promql.ts'
import { label } from '../traces.ts'
import { durations, failed } from './terms.ts'

/** Spans of requests are called so. */
const requestSpan = `${label('http_request_method')} ${label('http_route')}`

/** Requests by rate, errors and duration. */
export const requestsPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Rate by route',
    unit: 'reqps',
    shows: 'Requests a second by route; without a name, those that no route took.',
    act: 'a route that jumps: click it for its traces, and see Security for the limits it hits. Many without a route: somebody is looking for holes.',
    traces: { title: 'Traces of the route', operation: requestSpan },
    queries: [
      {
        expr: perSecond(`${durations}_count`, 'http_request_method, http_route', requests),
        legend: '{{http_request_method}} {{http_route}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Errors by route',
    unit: 'reqps',
    shows: 'Answers of 5xx a second, by route, status and cause.',
    act: 'click the curve for traces that failed; the red span tells what did. `DatabaseError` points at Database, `WorkRefusedError` at Saturation, a cause at the provider at Calls.',
    traces: {
      title: 'Failed requests of the route',
      operation: requestSpan,
      tags: 'error=true',
    },
    queries: [
      {
        expr: perSecond(
          `${durations}_count`,
          'http_request_method, http_route, http_response_status_code, error_type',
          failed,
        ),
        legend:
          '{{http_response_status_code}} {{error_type}} {{http_request_method}} {{http_route}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Answers by status',
    unit: 'reqps',
    shows: 'Answers a second, by status.',
    act: 'more 401 and 403: see Security. 429: a limit, there too. 422: a client was changed, or tries. 503: see Saturation.',
    traces: {
      title: 'Traces with the status',
      tags: `http.response.status_code=${label('http_response_status_code')}`,
    },
    queries: [
      {
        expr: perSecond(`${durations}_count`, 'http_response_status_code', requests),
        legend: '{{http_response_status_code}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Duration',
    unit: 's',
    shows: 'Within which half, 95 and 99 of a hundred requests are answered. A dot is a trace.',
    act: 'click a dot that lies high: its trace shows where the time went. All three up: Saturation. Only the highest: one route, or waiting for a connection.',
    traces: { title: 'Slow requests', slowerThan: '500ms' },
    queries: [0.5, 0.95, 0.99].map((q) => ({
      expr: quantile(q, durations, '', requests),
      legend: `p${q * 100}`,
    })),
  },
  {
    as: 'graph',
    title: 'Duration by route',
    unit: 's',
    shows: 'The slowest twentieth begins here (p95), for the ten slowest routes.',
    act: 'click the route for its traces, and sort them by duration. Mostly in one query: Database has that query. Mostly before the handler: a pool or a limiter.',
    traces: { title: 'Traces of the route', operation: requestSpan },
    queries: [
      {
        expr: top(10, quantile(0.95, durations, 'http_request_method, http_route', requests)),
        legend: '{{http_request_method}} {{http_route}}',
      },
    ],
  },
  {
    as: 'heatmap',
    title: 'How durations spread',
    unit: 's',
    shows: 'How many requests took how long: a darker field is more of them. A dot is a trace.',
    act: 'two bands instead of one are two kinds of requests: a cold cache, a second query plan, a lock. A dot of the upper band tells.',
    traces: { title: 'Slow requests', slowerThan: '500ms' },
    queries: [
      {
        expr: `sum by (le) (increase(${durations}_bucket{${requests}}[$__rate_interval]))`,
        legend: '{{le}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Slow requests',
    unit: 'reqps',
    shows:
      'Requests a second that took longer than SLOW_REQUEST_MS. Each is a line of the log whose `stages` say where the time went.',
    act: 'open the traces, or the line of the log with the same trace_id: pool, query, provider and handler are told apart.',
    traces: { title: 'Slow requests', slowerThan: '1s' },
    queries: [
      { expr: perSecond('caly_http_slow_requests_total', 'instance'), legend: '{{instance}}' },
    ],
  },
  {
    as: 'graph',
    title: 'Size of bodies',
    unit: 'bytes',
    shows: 'The largest twentieth of bodies begins here (p95): what came in, and what went out.',
    act: 'growing answers: a list without a limit, an export. Growing requests: a client sends more than it should; BODY_LIMIT bounds it.',
    traces: { title: 'Slow requests', slowerThan: '500ms' },
    queries: [
      { expr: quantile(0.95, 'http_server_request_body_size_bytes'), legend: 'requests' },
      { expr: quantile(0.95, 'http_server_response_body_size_bytes'), legend: 'answers' },
    ],
  },
  {
    as: 'graph',
    title: 'Error budget',
    unit: 'none',
    shows:
      'How many times too fast the budget of errors is spent: at 1 it lasts for just 30 days, at 14.4 two percent of it go in an hour.',
    act: 'above 6 somebody is paged: follow the runbook of CalyErrorBudgetBurnsFast.',
    traces: { title: 'Failed requests', tags: 'error=true' },
    bad: [1, 6],
    queries: ['5m', '1h', '6h'].map((window) => ({
      expr: `caly:request_errors:ratio_rate${window} / 0.001`,
      legend: window,
    })),
  },
]
