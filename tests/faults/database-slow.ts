import type { Fault } from './harness/fault.ts'

/** Milliseconds of each way: a call takes a dozen of them. */
const latency = 100

/** Each statement takes a fifth of a second more, under four times the load. */
export const databaseSlow: Fault = {
  name: 'database slow',
  begin: ({ proxy }) => proxy.set('pass', latency),
  end: ({ proxy }) => proxy.set('pass'),
  serves: ['index', 'live', 'refusal', 'ready'],
  hurts: false,
  load: 4,
  sign: { metric: 'caly_http_slow_requests_total', is: 'up' },
}
