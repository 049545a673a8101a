import type { Counter, Meter } from '@opentelemetry/api'

/** Every instrument of the domain, by what others count with. */
export type Instruments = ReturnType<typeof createInstruments>

/** The call's states, as the contract has them. */
type CallStatus =
  | 'queued'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled'

/** How bad a vulnerability is, as the contract has it. */
type VulnerabilitySeverity = 'critical' | 'high' | 'moderate' | 'low' | 'unknown'

/**
 * Every instrument, declared once, with the attributes it may carry: all of them of few values,
 * and none that a client chooses. Called after the SDK has started: one made before it stays silent
 * for good.
 */
export const createInstruments = (meter: Meter) => ({
  /** By policy (4) and verdict (2): 8 series. Never by key: that is a person's. */
  rateLimitVerdicts: counter<{
    'caly.rate_limit.policy': string
    'caly.rate_limit.allowed': boolean
  }>(meter, 'caly.rate_limit.verdicts', '{request}', 'Requests judged by a rate limit.'),

  /** 1 where all replicas count together, 0 while Redis is away; absent without REDIS_URL. */
  rateLimitsShared: meter.createObservableGauge('caly.rate_limit.shared', {
    description:
      'Whether rate limits are counted by all replicas together (1) or by each alone (0).',
  }),

  /** By outcome and, for failures, the reason: 5 series. Never by account. */
  logins: counter<{
    'caly.login.outcome': 'success' | 'failure'
    'caly.login.reason'?: 'unknown_user' | 'wrong_password' | 'disabled' | 'locked'
  }>(meter, 'caly.logins', '{login}', 'Logins with e-mail and password.', [
    { 'caly.login.outcome': 'success' },
    { 'caly.login.outcome': 'failure', 'caly.login.reason': 'unknown_user' },
    { 'caly.login.outcome': 'failure', 'caly.login.reason': 'wrong_password' },
  ]),

  /** By the status that a call came to: 8 series. */
  callStatusChanges: counter<{ 'caly.call.status': CallStatus }>(
    meter,
    'caly.call.status_changes',
    '{call}',
    'Calls that came to a status.',
  ),

  /** By what became of it: 4 series. `unknown` ones are left to callbacks and reconciliation. */
  placements: counter<{ 'caly.placement.outcome': 'placed' | 'refused' | 'retry' | 'unknown' }>(
    meter,
    'caly.provider.placements',
    '{request}',
    'Requests to the provider to place a call.',
    [
      { 'caly.placement.outcome': 'placed' },
      { 'caly.placement.outcome': 'refused' },
      { 'caly.placement.outcome': 'retry' },
      { 'caly.placement.outcome': 'unknown' },
    ],
  ),

  /** 1 for the state that it is in, 0 for the others: 3 series; absent with the simulator. */
  providerCircuit: meter.createObservableGauge<{
    'caly.circuit.state': 'closed' | 'open' | 'half_open'
  }>('caly.provider.circuit', {
    description: 'Whether the provider is asked (closed), left alone (open) or tried (half_open).',
  }),

  /** By whether a provider's callback was taken: 2 series. */
  webhookEvents: counter<{ 'caly.webhook.outcome': 'received' | 'rejected' }>(
    meter,
    'caly.webhook.events',
    '{event}',
    'Callbacks of the provider.',
    [{ 'caly.webhook.outcome': 'received' }, { 'caly.webhook.outcome': 'rejected' }],
  ),

  /** By kind and what was done about it. */
  anomalies: counter<{ 'caly.anomaly.kind': string; 'caly.anomaly.action': 'monitor' | 'block' }>(
    meter,
    'caly.anomalies',
    '{request}',
    'Requests that looked like an attack. The kind is a detector, never what it saw.',
  ),

  /** By what there was too much of: 3 series. */
  overloadRefusals: counter<{
    'caly.overload.reason': 'in_flight' | 'event_loop_lag' | 'in_flight_of_client'
  }>(
    meter,
    'caly.overload.refusals',
    '{request}',
    'Requests refused because there was too much to do.',
    [
      { 'caly.overload.reason': 'in_flight' },
      { 'caly.overload.reason': 'event_loop_lag' },
      { 'caly.overload.reason': 'in_flight_of_client' },
    ],
  ),

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

  /** Both read from the writer at each scrape. */
  auditQueue: meter.createObservableGauge('caly.audit.queue', {
    unit: '{event}',
    description: 'Audit events that wait in memory for their statement.',
  }),
  auditSpool: meter.createObservableGauge('caly.audit.spool.size', {
    unit: 'By',
    description: 'Bytes of audit events on disk that wait for the database.',
  }),

  /** By how they ended, in this process: 3 series. */
  scans: counter<{ 'caly.scan.status': 'complete' | 'incomplete' | 'failed' }>(
    meter,
    'caly.scans',
    '{scan}',
    'Scans for vulnerabilities that ended.',
    [
      { 'caly.scan.status': 'complete' },
      { 'caly.scan.status': 'incomplete' },
      { 'caly.scan.status': 'failed' },
    ],
  ),

  /** Alarm where it is more than a day or two: nobody knows what is open then. Absent before the first. */
  scanAge: meter.createObservableGauge('caly.scan.age', {
    unit: 's',
    description: 'Seconds since the last complete scan for vulnerabilities ended.',
  }),

  /** By severity: 5 series. The same on every replica, which look once a minute. */
  openVulnerabilities: meter.createObservableGauge<{
    'caly.vulnerability.severity': VulnerabilitySeverity
  }>('caly.vulnerabilities.open', {
    unit: '{vulnerability}',
    description: 'Vulnerabilities that were found, are not fixed and not ignored.',
  }),

  /** Both by severity, of the scans that ended in this process: 5 series each. */
  foundVulnerabilities: vulnerabilities(
    meter,
    'caly.vulnerabilities.found',
    'Vulnerabilities that a scan found and that were not open before.',
  ),
  fixedVulnerabilities: vulnerabilities(
    meter,
    'caly.vulnerabilities.fixed',
    'Vulnerabilities that were open and that a complete scan did not find any more.',
  ),

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
})

/**
 * @param series those to begin at zero: a series that appears with its first event hides that event
 *   from `rate()`
 */
function counter<A extends Record<string, string | boolean | undefined>>(
  meter: Meter,
  name: string,
  unit: string,
  description: string,
  series: readonly A[] = [],
): Counter<A> {
  const made = meter.createCounter<A>(name, { unit, description })
  for (const attributes of series) made.add(0, attributes)
  return made
}

const vulnerabilities = (meter: Meter, name: string, description: string) =>
  counter<{ 'caly.vulnerability.severity': VulnerabilitySeverity }>(
    meter,
    name,
    '{vulnerability}',
    description,
    [
      { 'caly.vulnerability.severity': 'critical' },
      { 'caly.vulnerability.severity': 'high' },
      { 'caly.vulnerability.severity': 'moderate' },
      { 'caly.vulnerability.severity': 'low' },
      { 'caly.vulnerability.severity': 'unknown' },
    ],
  )

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
