/** Are calls placed, do they come through, and do we hear of them in time? */
import type { Board } from './board.ts'
import { duringRange, perSecond, quantile, scraped } from './promql.ts'

const changes = 'caly_call_status_changes_total'
const final = `${scraped},caly_call_status=~"completed|busy|no-answer|failed|canceled"`
const placing = { title: 'Traces of placing', operation: 'process calls.place' }
const callbacks = { title: 'Traces of callbacks', operation: 'POST /api/webhooks/exotel/:secret' }

/** Calls from their creation to their end, and the provider. */
export const calls: Board = {
  uid: 'caly-calls',
  title: 'Caly: Calls',
  description:
    'Calls by status, how long they take, the provider that places them, and its callbacks. No number, name or id of a call is in here: they are encrypted, and the reader of this data source cannot see them.',
  rows: {
    'At a glance': [
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
          'Instances that do not ask the provider since it failed again and again. 0 is good; calls wait meanwhile.',
        act: 'follow the runbook of CalyProviderDown. No data: the simulator places the calls.',
        traces: placing,
        bad: [1, 2],
        queries: [
          {
            expr: `sum(caly_provider_circuit{${scraped},caly_circuit_state="open"})`,
            legend: 'open',
          },
        ],
      },
    ],
    Calls: [
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
    ],
    'Placing them': [
      {
        as: 'graph',
        title: 'Placing',
        unit: 'reqps',
        shows: 'Requests to the provider to place a call, a second, by what became of them.',
        act: "`retry`: it is busy, they are asked for later. `refused`: credentials, numbers or credit; the trace has its answer's status. `unknown`: no answer came; never asked for twice, callbacks and reconciliation find out.",
        traces: placing,
        queries: [
          {
            expr: perSecond('caly_provider_placements_total', 'caly_placement_outcome'),
            legend: '{{caly_placement_outcome}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Circuit',
        unit: 'none',
        shows:
          'Instances by how they treat the provider: asked (closed), left alone (open), tried (half_open).',
        act: '`open`: it failed again and again. Its status page first, then Requests to others (Service).',
        traces: { ...placing, tags: 'error=true' },
        queries: [
          {
            expr: `sum by (caly_circuit_state) (caly_provider_circuit{${scraped}})`,
            legend: '{{caly_circuit_state}}',
          },
        ],
      },
      {
        as: 'graph',
        title: 'Calls that wait to be placed',
        unit: 's',
        shows: 'How long the oldest job that places a call is due.',
        act: 'rising with a closed circuit: EXOTEL_RATE_LIMIT or EXOTEL_MAX_CALLS is reached, or each request takes long.',
        traces: placing,
        queries: [
          {
            expr: `max(caly_jobs_oldest_age_seconds{${scraped},caly_job_queue="calls.place"})`,
            legend: 'calls.place',
          },
        ],
      },
    ],
    'Hearing of them': [
      {
        as: 'graph',
        title: 'Callbacks',
        unit: 'reqps',
        shows:
          'Callbacks of the provider a second: taken, and rejected (a wrong secret, or not readable).',
        act: '`rejected`: was EXOTEL_WEBHOOK_SECRET changed on one side only? Or somebody guesses: Security has the addresses. None, with calls under way: does PUBLIC_URL reach us from outside?',
        traces: callbacks,
        queries: [
          {
            expr: perSecond('caly_webhook_events_total', 'caly_webhook_outcome'),
            legend: '{{caly_webhook_outcome}}',
          },
        ],
        width: 12,
      },
      {
        as: 'graph',
        title: 'Lag of callbacks',
        unit: 's',
        shows:
          'From when a callback came in to when it is applied: half of them, and all but one in twenty.',
        act: 'rising: the database is slow, or several callbacks of one call wait for each other. The trace of a callback shows which.',
        traces: callbacks,
        bad: [10, 60],
        queries: [0.5, 0.95].map((q) => ({
          expr: quantile(q, 'caly_webhook_lag_seconds'),
          legend: `p${q * 100}`,
        })),
        width: 12,
      },
    ],
  },
}
