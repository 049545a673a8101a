import type { Meter } from '@opentelemetry/api'

/** What the last run of `caly readiness` found: the same on every replica. Absent before the first. */
export const readinessInstruments = (meter: Meter) => ({
  /** A check that was skipped is not passed. */
  readiness: meter.createObservableGauge('caly.readiness', {
    unit: '1',
    description: 'The share of all checks that passed in the last run of caly readiness.',
  }),

  failedChecks: meter.createObservableGauge('caly.readiness.failed_checks', {
    unit: '{check}',
    description: 'Checks that failed in the last run of caly readiness.',
  }),

  readinessAge: meter.createObservableGauge('caly.readiness.age', {
    unit: 's',
    description: 'Seconds since the last run of caly readiness.',
  }),
})
