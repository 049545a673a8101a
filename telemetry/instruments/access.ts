import type { Meter } from '@opentelemetry/api'
import { counter } from './counter.ts'

/** Who comes in, how often, and what they try. */
export const accessInstruments = (meter: Meter) => ({
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
    { 'caly.login.outcome': 'failure', 'caly.login.reason': 'disabled' },
    { 'caly.login.outcome': 'failure', 'caly.login.reason': 'locked' },
  ]),

  /** By who has to wait, one address or all that are new to the account: 2 series. */
  lockouts: counter<{ 'caly.lockout.scope': 'address' | 'account' }>(
    meter,
    'caly.lockouts',
    '{lockout}',
    'Waits that were imposed for too many failed logins.',
    [{ 'caly.lockout.scope': 'address' }, { 'caly.lockout.scope': 'account' }],
  ),

  /**
   * By kind (19) and what was done about the request: it was served (`monitor`), refused for the
   * attack (`block`), or for another reason (`refused`). 57 series at most.
   */
  anomalies: counter<{
    'caly.anomaly.kind': string
    'caly.anomaly.action': 'monitor' | 'block' | 'refused'
  }>(
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
})
