import type { Meter } from '@opentelemetry/api'
import { counter } from './counter.ts'

/** States of a job, as pg-boss names them. */
type JobState = 'created' | 'retry' | 'active' | 'failed' | 'completed'

/** The service itself: its queries, its jobs, its log, its certificate. */
export const serviceInstruments = (meter: Meter) => ({
  slowQueries: counter(
    meter,
    'caly.db.slow_queries',
    '{query}',
    'Queries that took longer than DB_SLOW_QUERY_MS.',
    [{}],
  ),

  slowRequests: counter(
    meter,
    'caly.http.slow_requests',
    '{request}',
    'Requests that took longer than SLOW_REQUEST_MS.',
    [{}],
  ),

  /** Read from the log itself at each scrape. */
  lostLogLines: meter.createObservableCounter('caly.log.dropped_lines', {
    unit: '{line}',
    description: 'Lines of the log that were lost because nobody took them.',
  }),

  /** By pool. The conventions' advice on buckets is for operations; waits are shorter. */
  connectionWait: connectionTime(
    meter,
    'wait_time',
    'The time it took to obtain an open connection from the pool.',
  ),
  connectionUse: connectionTime(
    meter,
    'use_time',
    'The time between borrowing a connection and returning it to the pool.',
  ),
  connectionCreate: connectionTime(
    meter,
    'create_time',
    'The time it took to create a new connection.',
  ),

  /** By queue, of which the code has a dozen, and state. The same on every replica. */
  jobs: meter.createObservableGauge<{ 'caly.job.queue': string; 'caly.job.state': JobState }>(
    'caly.jobs',
    {
      unit: '{job}',
      description: 'Jobs by queue and state. Those that are over are kept for a while.',
    },
  ),
  oldestJob: meter.createObservableGauge<{ 'caly.job.queue': string }>('caly.jobs.oldest.age', {
    unit: 's',
    description: 'How long the oldest job that could run has waited; 0 where none waits.',
  }),

  /** Absent without TLS_CERT. Negative once a certificate of the chain has expired. */
  certificateRemaining: meter.createObservableGauge('caly.tls.certificate.remaining', {
    unit: 's',
    description: 'Seconds until the first certificate of TLS_CERT expires.',
  }),
})

const connectionTime = (
  meter: Meter,
  name: 'wait_time' | 'use_time' | 'create_time',
  description: string,
) =>
  meter.createHistogram<{ 'db.client.connection.pool.name': string }>(
    `db.client.connection.${name}`,
    {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
    },
  )
