import type { Panel } from '../panel.ts'
import { perSecond, quantile, scraped } from '../promql.ts'
import { label } from '../traces.ts'
import { jobs } from './terms.ts'

const jobSpan = `process ${label('messaging_destination_name')}`

/** Work that waits to be done. */
export const jobsPanels: readonly Panel[] = [
  {
    as: 'graph',
    title: 'Jobs that wait',
    unit: 's',
    shows: 'How long the oldest job that is due has waited, by queue.',
    act: 'rising: no process works on the queue, or each job takes long or fails. Compare with Jobs done and Failed jobs.',
    traces: {
      title: 'Traces of the queue',
      operation: `process ${label('caly_job_queue')}`,
    },
    bad: [60, 300],
    queries: [
      {
        expr: `max by (caly_job_queue) (caly_jobs_oldest_age_seconds{${scraped}})`,
        legend: '{{caly_job_queue}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Jobs by state',
    unit: 'none',
    shows: 'Jobs in the database, by state.',
    act: 'many `created` or `retry`: they wait, see above. `failed` are those that no attempt was left for: the log has their errors.',
    traces: { title: 'Failed jobs', tags: 'error=true messaging.operation.type=process' },
    queries: [
      {
        expr: `sum by (caly_job_state) (max by (caly_job_queue, caly_job_state) (caly_jobs{${scraped}}))`,
        legend: '{{caly_job_state}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Jobs done',
    unit: 'ops',
    shows: 'Jobs a second that were carried out, by queue.',
    act: 'none, while jobs wait: is a process running, and does it reach the database?',
    traces: { title: 'Traces of the queue', operation: jobSpan },
    queries: [
      {
        expr: perSecond(`${jobs}_count`, 'messaging_destination_name'),
        legend: '{{messaging_destination_name}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Failed jobs',
    unit: 'ops',
    shows: 'Attempts a second that failed, by queue and cause. They are tried again a few times.',
    act: 'click for the traces: the red span is the cause. `calls.place`: Calls; `scans.run`: Security.',
    traces: { title: 'Failed jobs of the queue', operation: jobSpan, tags: 'error=true' },
    queries: [
      {
        expr: perSecond(
          `${jobs}_count`,
          'messaging_destination_name, error_type',
          `${scraped},error_type!=""`,
        ),
        legend: '{{messaging_destination_name}} {{error_type}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Duration of jobs',
    unit: 's',
    shows: 'The slowest twentieth begins here (p95), by queue. A dot is a trace.',
    act: "near a queue's limit its jobs are cut off and tried again: see what they wait for in a trace.",
    traces: { title: 'Traces of the queue', operation: jobSpan },
    queries: [
      {
        expr: quantile(0.95, jobs, 'messaging_destination_name'),
        legend: '{{messaging_destination_name}}',
      },
    ],
  },
  {
    as: 'graph',
    title: 'Jobs sent',
    unit: 'ops',
    shows: 'Jobs a second that were asked for, by queue.',
    act: 'more than are done, for long: they pile up. Another replica works on them too.',
    traces: {
      title: 'Traces of the queue',
      operation: `send ${label('messaging_destination_name')}`,
    },
    queries: [
      {
        expr: perSecond('messaging_client_sent_messages_total', 'messaging_destination_name'),
        legend: '{{messaging_destination_name}}',
      },
    ],
  },
]
