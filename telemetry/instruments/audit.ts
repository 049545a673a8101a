import type { Meter } from '@opentelemetry/api'
import { counter } from './counter.ts'

/** The audit trail: what goes into it, what waits, what is sealed. */
export const auditInstruments = (meter: Meter) => ({
  /** By whether they reached the database at once or wait in the spool: 2 series. */
  auditEvents: counter<{ 'caly.audit.way': 'database' | 'spool' }>(
    meter,
    'caly.audit.events',
    '{event}',
    'Events of the audit trail that ride in no transaction, by where they went.',
    [{ 'caly.audit.way': 'database' }, { 'caly.audit.way': 'spool' }],
  ),

  /** Alarm on any: by whether the action was carried out all the same. */
  auditGaps: counter<{ 'caly.audit.outcome': 'dropped' | 'refused' }>(
    meter,
    'caly.audit.lost_events',
    '{event}',
    'Events that neither database nor spool took: dropped, or refused with their request.',
    [{ 'caly.audit.outcome': 'dropped' }, { 'caly.audit.outcome': 'refused' }],
  ),

  auditFlush: meter.createHistogram('caly.audit.flush.duration', {
    unit: 's',
    description: 'The time of one statement that writes audit events.',
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] },
  }),

  /** All three read from the writer at each scrape. */
  auditQueue: meter.createObservableGauge('caly.audit.queue', {
    unit: '{event}',
    description: 'Audit events that wait in memory for their statement.',
  }),
  auditSpool: meter.createObservableGauge('caly.audit.spool.size', {
    unit: 'By',
    description: 'Bytes of audit events on disk that wait for the database.',
  }),
  auditQueueAge: meter.createObservableGauge('caly.audit.queue.age', {
    unit: 's',
    description: 'How long the oldest audit event has waited for the database; 0 where none waits.',
  }),

  /** The same on every replica, which look once a minute. */
  auditSealLag: meter.createObservableGauge('caly.audit.seal.lag', {
    unit: 's',
    description: 'The age of the oldest row of the audit trail that no seal covers; 0 for none.',
  }),
})
