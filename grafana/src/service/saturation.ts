import type { Panel } from '../panel.ts'
import { perSecond, scraped } from '../promql.ts'

/** What the process runs short of. */
export const saturationPanels: readonly Panel[] = [
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
    shows: 'File descriptors in use, connections among them, of those that the process may have.',
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
]
