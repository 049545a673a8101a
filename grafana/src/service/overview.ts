import type { Panel } from '../panel.ts'
import { duringRange, perSecond, quantile, requests } from '../promql.ts'
import { durations, failed } from './terms.ts'

/** What is seen at a glance. */
export const overviewPanels: readonly Panel[] = [
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
    shows: 'Requests a second. Probes and scrapes count nowhere on this dashboard.',
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
]
