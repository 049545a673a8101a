import type { Panel } from '../panel.ts'
import { perSecond, scraped } from '../promql.ts'
import { placing } from './terms.ts'

/** The provider, asked to place them. */
export const placingPanels: readonly Panel[] = [
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
]
