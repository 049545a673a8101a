import { type } from 'arktype'

const status = type("'pass' | 'warn' | 'fail'")

const check = type({ status, latencyMs: 'number', 'reason?': 'string' })

/** The answer to `GET /health/live`. */
export const liveAnswer = type({ status: "'pass'" })

/** The answer to `GET /health/ready`. */
export const readyAnswer = type({ status, checks: { '[string]': check } }).configure(
  { title: 'Readiness' },
  'self',
)

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
export const detailedAnswer = type({
  '...': readyAnswer,
  version: 'string',
  runtime: 'string',
  uptimeSeconds: 'number',
  pool,
}).configure({ title: 'Health' }, 'self')

const quantiles = type({
  p50: 'number | null',
  p95: 'number | null',
  p99: 'number | null',
  max: 'number | null',
})

/** The answer to `GET /health/metrics`. Durations are milliseconds, sizes bytes. */
export const metricsAnswer = type({
  uptime: 'number',
  cpu: { user: 'number', system: 'number' },
  memory: { rss: 'number', heapUsed: 'number', heapTotal: 'number' },
  requests: type({
    total: 'number',
    active: 'number',
    rate: 'number',
    errorRate: 'number',
    latency: quantiles,
  }).or('null'),
  eventLoopDelay: type({
    min: 'number',
    max: 'number',
    mean: 'number',
    stddev: 'number',
    p50: 'number',
    p90: 'number',
    p99: 'number',
  }).or('null'),
  pool,
}).configure({ title: 'Figures' }, 'self')

/** The answer to `GET /metrics`: the Prometheus text format 0.0.4, or OpenMetrics 1.0 where asked for. */
export const expositionAnswer = type('string')
