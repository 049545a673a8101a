import type { Panel } from '../panel.ts'
import { perSecond, quantile } from '../promql.ts'
import { callbacks } from './terms.ts'

/** What the provider tells of them. */
export const callbacksPanels: readonly Panel[] = [
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
]
