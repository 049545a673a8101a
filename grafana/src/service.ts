/** Is it well, how fast is it, where is it tight, and what does it lose? */
import type { Board } from './board.ts'
import { duringRange, perSecond, quantile, requests, scraped, top } from './promql.ts'
import { label } from './traces.ts'

const durations = 'http_server_request_duration_seconds'
const failed = `${requests},http_response_status_code=~"5.."`
/** Spans of requests are called so. */
const requestSpan = `${label('http_request_method')} ${label('http_route')}`

/** The dashboard to begin with. */
export const service: Board = {
  uid: 'caly-service',
  title: 'Caly: Service',
  description:
    'Requests by rate, errors and duration, and what the process runs short of. Begin here; Database, Calls and Security go further. A point of a curve leads to its traces, a dot on it (an exemplar) to one.',
  byRoute: true,
  rows: {
    'At a glance': [
      {
        as: 'figure',
        title: 'Availability',
        unit: 'percentunit',
        shows:
          'The share of requests in the time shown that were not answered 5xx. The objective is 99.9 %.',
        act: 'see which route fails under Errors by route, and click it for the traces that failed.',
        traces: { title: 'Failed requests', tags: 'error=true' },
        bad: [0.999, 0.99],
        queries: [
          {
            expr: `1 - (${duringRange(`${durations}_count`, '', failed)} or vector(0)) / ${duringRange(`${durations}_count`, '', requests)}`,
            legend: 'available',
          },
        ],
      },
      {
        as: 'figure',
        title: 'Error budget left',
        unit: 'percentunit',
        shows: 'What is left of the 0.1 % of requests that may fail in 30 days.',
        act: 'while little is left, put off risky releases; Error budget below tells how fast it goes.',
        traces: { title: 'Failed requests', tags: 'error=true' },
        bad: [0.5, 0.1],
        queries: [{ expr: '1 - caly:request_errors:ratio_rate30d / 0.001', legend: 'left' }],
      },
      {
        as: 'figure',
        title: 'Requests',
        unit: 'reqps',
        shows: 'Requests a second, probes and scrapes among them.',
        act: 'far more than usual: see Rate by route, and Security for who it is. None: is it behind its load balancer, and in Instances?',
        traces: { title: 'Requests' },
        queries: [{ expr: perSecond(`${durations}_count`, '', requests), legend: 'requests' }],
      },
      {
        as: 'figure',
        title: 'Median',
        unit: 's',
        shows: 'Half of the requests are answered within this.',
        act: 'where the median is slow everything is: look at Saturation below, then at Database.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.1, 0.5],
        queries: [{ expr: quantile(0.5, durations, '', requests), legend: 'p50' }],
      },
      {
        as: 'figure',
        title: 'Slowest hundredth',
        unit: 's',
        shows: 'All but one of a hundred requests are answered within this.',
        act: 'see Duration by route for which, and click its dots for traces of the slow ones.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.5, 2],
        queries: [{ expr: quantile(0.99, durations, '', requests), legend: 'p99' }],
      },
      {
        as: 'figure',
        title: 'Instances',
        unit: 'none',
        shows: 'Processes that Prometheus reaches.',
        act: 'one that is missing is down, or refuses METRICS_TOKEN: see the targets page of Prometheus, then the log of that process.',
        traces: { title: 'Requests' },
        queries: [{ expr: 'sum(up{job="caly",instance=~"$instance"})', legend: 'up' }],
      },
    ],
    Requests: [
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
        act: 'click the route for its traces, longest first. Mostly in one query: Database has that query. Mostly before the handler: a pool or a limiter.',
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
        shows:
          'The largest twentieth of bodies begins here (p95): what came in, and what went out.',
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
    ],
    Saturation: [
      {
        as: 'graph',
        title: 'Event loop',
        unit: 's',
        shows: 'How late a timer comes over the last minute: the slowest hundredth, and the worst.',
        act: 'above 0.1 s something computes without a pause: look for long spans without children, and at CPU. Above MAX_EVENT_LOOP_LAG new work is refused.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.1, 0.5],
        queries: [
          { expr: `nodejs_eventloop_delay_p99_seconds{${scraped}}`, legend: 'p99 {{instance}}' },
          { expr: `nodejs_eventloop_delay_max_seconds{${scraped}}`, legend: 'max {{instance}}' },
        ],
      },
      {
        as: 'graph',
        title: 'CPU',
        unit: 'percentunit',
        shows: 'Cores in use, by mode: 100 % is one. JavaScript runs on one.',
        act: 'near 100 % another replica helps; much in `system`: many small reads and writes, or swapping.',
        traces: { title: 'Slow requests', slowerThan: '500ms' },
        bad: [0.7, 0.95],
        queries: [
          {
            expr: perSecond('process_cpu_time_seconds_total', 'instance, cpu_mode'),
            legend: '{{cpu_mode}} {{instance}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Memory',
        unit: 'bytes',
        shows: 'What the process holds (resident), and what of it JavaScript values hold (heap).',
        act: 'set the time to a day. A heap whose valleys rise is a leak of values, resident alone outside of the heap. See Growth a day, then which rate it follows: requests, streams, spans that wait.',
        traces: { title: 'Longest requests', slowerThan: '5s' },
        queries: [
          { expr: `process_memory_usage_bytes{${scraped}}`, legend: 'resident {{instance}}' },
          { expr: `caly_process_heap_used_bytes{${scraped}}`, legend: 'heap {{instance}}' },
        ],
      },
      {
        as: 'graph',
        title: 'Growth a day',
        unit: 'bytes',
        shows:
          'How much more a process would hold after a day, if it went on as in the last six hours; and how many files.',
        act: 'steadily above some 100 MB, at a rate of requests that does not grow, it leaks: the runbook of CalyMemoryGrows tells how to find what. Files that grow are connections or streams that nobody closes.',
        traces: { title: 'Longest requests', slowerThan: '5s' },
        queries: [
          {
            expr: `deriv(process_memory_usage_bytes{${scraped}}[6h]) * 86400`,
            legend: 'resident {{instance}}',
          },
          {
            expr: `deriv(caly_process_heap_used_bytes{${scraped}}[6h]) * 86400`,
            legend: 'heap {{instance}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Open files',
        unit: 'percentunit',
        shows:
          'File descriptors in use, connections among them, of those that the process may have.',
        act: 'near 100 % no connection is taken any more. Rising with Requests in flight: clients that do not close. Rising alone: a leak. Raise the limit (`ulimit -n`) to gain time.',
        traces: { title: 'Longest requests', slowerThan: '5s' },
        bad: [0.6, 0.8],
        queries: [
          {
            expr: `process_open_fds{${scraped}} / process_max_fds{${scraped}}`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Requests in flight',
        unit: 'none',
        shows: 'Requests that are under way at the same time.',
        act: 'rising while Rate is not: each takes longer; look at Duration by route. At MAX_IN_FLIGHT new ones are refused.',
        traces: { title: 'Slow requests', slowerThan: '1s' },
        queries: [
          {
            expr: `sum by (instance) (http_server_active_requests{${scraped}})`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Refused for overload',
        unit: 'reqps',
        shows: 'Requests a second that were answered 503 at once, by what there was too much of.',
        act: '`event_loop_lag`: see CPU. `in_flight`: see what they wait for, mostly Database. `in_flight_of_client`: one address sends it all; see Security.',
        traces: { title: 'Refused requests', tags: 'http.response.status_code=503' },
        queries: [
          {
            expr: perSecond('caly_overload_refusals_total', 'caly_overload_reason'),
            legend: '{{caly_overload_reason}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Uptime',
        unit: 's',
        shows: 'How long each process runs. A saw is a process that ends again and again.',
        act: 'see the last lines of its log before each fall, and whether Memory rises to a limit first.',
        traces: { title: 'Requests' },
        queries: [{ expr: `process_uptime_seconds{${scraped}}`, legend: '{{instance}}' }],
      },
      {
        as: 'graph',
        title: 'Versions',
        unit: 'none',
        shows: 'Processes by version and runtime.',
        act: 'two versions for longer than a release takes: a replica was left behind.',
        traces: { title: 'Requests' },
        queries: [
          {
            expr: `count by (version, runtime, runtime_version) (caly_build_info{${scraped}})`,
            legend: '{{version}} on {{runtime}} {{runtime_version}}',
          },
        ],
      },
    ],
    'Others, and telemetry itself': [
      {
        as: 'graph',
        title: 'Requests to others',
        unit: 'reqps',
        shows:
          'Requests a second to other services (the provider, advisories), by host and status.',
        act: 'errors of the provider: Calls has its circuit and what waits. Click for the traces.',
        traces: {
          title: 'Traces of the host',
          tags: `server.address=${label('server_address')}`,
        },
        queries: [
          {
            expr: perSecond(
              'http_client_request_duration_seconds_count',
              'server_address, http_response_status_code, error_type',
            ),
            legend: '{{server_address}} {{http_response_status_code}} {{error_type}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Duration of requests to others',
        unit: 's',
        shows: 'The slowest twentieth begins here (p95), by host.',
        act: 'calls are placed later than they could be, no request waits for it. Tell the provider, with the times of a trace.',
        traces: {
          title: 'Traces of the host',
          tags: `server.address=${label('server_address')}`,
        },
        queries: [
          {
            expr: quantile(0.95, 'http_client_request_duration_seconds', 'server_address'),
            legend: '{{server_address}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Lines of the log lost',
        unit: 'cps',
        shows: 'Lines of the log a second that nobody took in time.',
        act: 'whatever reads the standard output hangs or is too slow. Requests go on; the audit trail is not part of it.',
        traces: { title: 'Requests' },
        queries: [
          { expr: perSecond('caly_log_dropped_lines_total', 'instance'), legend: '{{instance}}' },
        ],
      },
      {
        as: 'graph',
        title: 'Spans',
        unit: 'cps',
        shows:
          'Spans a second that were sent to the collector, and those that were dropped (with a cause).',
        act: '`queue_full`: Jaeger is slow or away. Traces have holes until it is back; nothing else is lost. See Complaints.',
        traces: { title: 'Requests' },
        queries: [
          {
            expr: perSecond('otel_sdk_processor_span_processed_total', 'error_type'),
            legend: 'processed {{error_type}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Spans that wait',
        unit: 'percentunit',
        shows: 'How full the queue of spans to the collector is.',
        act: 'filling up: Jaeger does not take them as fast. Once full, spans are dropped. A lower OTEL_TRACES_SAMPLER_ARG sends fewer.',
        traces: { title: 'Requests' },
        bad: [0.5, 0.9],
        queries: [
          {
            expr: `otel_sdk_processor_span_queue_size{${scraped}} / otel_sdk_processor_span_queue_capacity{${scraped}}`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Complaints of telemetry',
        unit: 'cps',
        shows: 'What the SDK of telemetry complained about, a second, by level.',
        act: 'the log has the words at LOG_LEVEL=debug. Mostly the collector that OTEL_EXPORTER_OTLP_ENDPOINT names is not reached.',
        traces: { title: 'Requests' },
        queries: [
          {
            expr: perSecond('caly_telemetry_complaints_total', 'caly_telemetry_level'),
            legend: '{{caly_telemetry_level}}',
          },
        ],
      },
    ],
  },
}
