import type { Panel } from '../panel.ts'
import { duringRange, quantile, scraped } from '../promql.ts'
import { callbacks, changes, final, placing } from './terms.ts'

/** What is seen at a glance. */
export const overviewPanels: readonly Panel[] = [
  {
    as: 'figure',
    title: 'Calls',
    unit: 'none',
    shows: 'Calls in the time shown that were accepted.',
    act: 'none, at a time when there should be: see Service for errors of POST /api/calls.',
    traces: { title: 'Traces of new calls', operation: 'POST /api/calls' },
    queries: [
      {
        expr: duringRange(changes, '', `${scraped},caly_call_status="queued"`),
        legend: 'calls',
      },
    ],
  },
  {
    as: 'figure',
    title: 'Completed',
    unit: 'percentunit',
    shows: 'The share of calls that ended in the time shown and were answered and completed.',
    act: 'see Calls by status: `failed` is the provider or the number, `no-answer` and `busy` are the callee.',
    traces: placing,
    bad: [0.5, 0.2],
    queries: [
      {
        expr: `${duringRange(changes, '', `${scraped},caly_call_status="completed"`)} / ${duringRange(changes, '', final)}`,
        legend: 'completed',
      },
    ],
  },
  {
    as: 'figure',
    title: 'Open',
    unit: 'none',
    shows: 'Calls that have not ended.',
    act: 'more than there can be conversations: see Open calls for the status that they are stuck in.',
    traces: placing,
    queries: [
      {
        expr: `sum(max by (caly_call_status) (caly_calls_open{${scraped}}))`,
        legend: 'open',
      },
    ],
  },
  {
    as: 'figure',
    title: 'Talk time',
    unit: 's',
    shows: 'Half of the answered calls last no longer.',
    act: 'suddenly a few seconds: callers hang up at once; listen to a recording, or call yourself.',
    traces: callbacks,
    queries: [{ expr: quantile(0.5, 'caly_call_talk_duration_seconds'), legend: 'p50' }],
  },
  {
    as: 'figure',
    title: 'Lag of callbacks',
    unit: 's',
    shows: 'All but one in twenty callbacks are applied within this.',
    act: 'above a minute, clients see old statuses: see Callbacks below.',
    traces: callbacks,
    bad: [10, 60],
    queries: [{ expr: quantile(0.95, 'caly_webhook_lag_seconds'), legend: 'p95' }],
  },
  {
    as: 'figure',
    title: 'Provider left alone',
    unit: 'none',
    shows:
      'Instances that do not ask the provider since it failed again and again, but for a request that finds out. 0 is good; calls wait meanwhile.',
    act: 'follow the runbook of CalyProviderDown. No data: the simulator places the calls.',
    traces: placing,
    bad: [1, 2],
    queries: [
      {
        expr: `sum(1 - caly_provider_circuit{${scraped},caly_circuit_state="closed"})`,
        legend: 'left alone',
      },
    ],
  },
]
