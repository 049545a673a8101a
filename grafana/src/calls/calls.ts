import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped } from '../promql.ts'
import { callbacks, changes, final, placing } from './terms.ts'

/** Calls from their creation to their end. */
export const callsPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Calls by status',
    unit: 'cps',
    shows: 'Calls a second that came to a status.',
    act: '`failed` rising: see Placing. `ringing` without `completed` later: callbacks do not arrive.',
    traces: callbacks,
    queries: [{ expr: perSecond(changes, 'caly_call_status'), legend: '{{caly_call_status}}' }],
  },
  {
    as: 'graph',
    title: 'How calls end',
    unit: 'percentunit',
    shows: 'The share of each way to end among the calls that ended.',
    act: "a share that changes with a release is ours; one that changes without is the provider's, or the time of day.",
    traces: callbacks,
    queries: [
      {
        expr: `${perSecond(changes, 'caly_call_status', final)} / ignoring(caly_call_status) group_left() ${perSecond(changes, '', final)}`,
        legend: '{{caly_call_status}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Open calls',
    unit: 'none',
    shows: 'Calls that have not ended, by status.',
    act: '`queued` piling up: nobody places them; see Placing, and Jobs that wait (Database) for calls.place. `ringing` or `in-progress` for hours: lost callbacks, which reconciliation asks for after RECONCILE_AFTER.',
    traces: placing,
    queries: [
      {
        expr: `max by (caly_call_status) (caly_calls_open{${scraped}})`,
        legend: '{{caly_call_status}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Duration of calls',
    unit: 's',
    shows:
      'From creation to the end: half of the calls, and all but one in twenty (p95), by how they ended.',
    act: '`failed` that take long are noticed late: callbacks are missing and reconciliation found out. Compare with Lag of callbacks.',
    traces: callbacks,
    queries: [0.5, 0.95].map((q) => ({
      expr: quantile(q, 'caly_call_duration_seconds', 'caly_call_status'),
      legend: `p${q * 100} {{caly_call_status}}`,
    })),
  },
  {
    as: 'graph',
    title: 'Talk time',
    unit: 's',
    shows: 'How long answered calls last: half of them, and all but one in twenty.',
    act: 'both short: the sound is bad, or the wrong people are called. Both long: is somebody left on hold?',
    traces: callbacks,
    queries: [0.5, 0.95].map((q) => ({
      expr: quantile(q, 'caly_call_talk_duration_seconds'),
      legend: `p${q * 100}`,
    })),
  },
]
