import type { Meter } from '@opentelemetry/api'
import { counter } from './counter.ts'

/** The call's states, as the contract has them. */
type CallStatus = OpenCallStatus | FinalCallStatus

type OpenCallStatus = 'queued' | 'ringing' | 'in-progress'

type FinalCallStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

const statuses: readonly CallStatus[] = [
  'queued',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'failed',
  'canceled',
]

/** Seconds, from a call that fails at once to the four hours after which the provider cuts it. */
const callTimes = [1, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400]

/** Seconds, from what is applied at once to what waited for a sweep, or for a replica that died. */
const lags = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600]

/** Calls, and what their provider says of them. */
export const callInstruments = (meter: Meter) => ({
  /** By the status that a call came to: 8 series. */
  callStatusChanges: counter<{ 'caly.call.status': CallStatus }>(
    meter,
    'caly.call.status_changes',
    '{call}',
    'Calls that came to a status.',
    statuses.map((status) => ({ 'caly.call.status': status })),
  ),

  /** By the status that they ended with: 5 series. */
  callDuration: meter.createHistogram<{ 'caly.call.status': FinalCallStatus }>(
    'caly.call.duration',
    {
      unit: 's',
      description: 'The time from when a call was asked for, or came in, to its end.',
      advice: { explicitBucketBoundaries: callTimes },
    },
  ),

  callTalk: meter.createHistogram('caly.call.talk.duration', {
    unit: 's',
    description: 'The talk time of calls that were answered, as the provider tells it.',
    advice: { explicitBucketBoundaries: callTimes },
  }),

  /** By status: 3 series. The same on every replica, which look once a minute. */
  openCalls: meter.createObservableGauge<{ 'caly.call.status': OpenCallStatus }>(
    'caly.calls.open',
    { unit: '{call}', description: 'Calls that are not over, by status.' },
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

  /** Measured by our own clock alone: what the provider says of its time has whole seconds. */
  webhookLag: meter.createHistogram('caly.webhook.lag', {
    unit: 's',
    description: 'The time from when a callback came in to when its call was changed by it.',
    advice: { explicitBucketBoundaries: lags },
  }),
})
