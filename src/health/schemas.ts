import { type } from 'arktype'

const status = type("'pass' | 'warn' | 'fail'")

const check = type({ status, latencyMs: 'number', 'reason?': 'string' })

/** The answer to `GET /health/live`. */
export const liveAnswer = type({ status: "'pass'" })

/** The answer to `GET /health/ready`. */
export const readyAnswer = type({ status, checks: { '[string]': check } })

const pool = type({
  limit: 'number',
  min: 'number',
  used: 'number',
  idle: 'number',
  pending: 'number',
  timeouts: 'number',
  created: 'number',
  destroyed: 'number',
})

/** The answer to `GET /health/detailed`. */
export const detailedAnswer = readyAnswer.and({
  version: 'string',
  runtime: 'string',
  uptimeSeconds: 'number',
  pool,
})

/** The answer to `GET /health/metrics`: figures since the start, rates over the last minute. */
export const metricsAnswer = type({
  requests: 'object',
  process: 'object',
  pool,
})
