import { type } from 'arktype'

const status = type("'pass' | 'warn' | 'fail'")

const check = type({ status, latencyMs: 'number', 'reason?': 'string' })

const examplePool = {
  ...{ limit: 20, min: 5, used: 2, idle: 3, pending: 0 },
  ...{ timeouts: 0, created: 5, destroyed: 0 },
}

const exampleChecks = {
  database: { status: 'pass', latencyMs: 1.2 },
  rateLimits: { status: 'warn', latencyMs: 0, reason: 'Redis is away: each replica counts alone' },
} as const

/** The answer to `GET /health/live`. */
export const liveAnswer = type({ status: "'pass'" })

/** The answer to `GET /health/ready`. */
export const readyAnswer = type({ status, checks: { '[string]': check } }).configure(
  { title: 'Readiness', examples: [{ status: 'warn', checks: exampleChecks }] },
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
}).configure(
  {
    title: 'Health',
    examples: [
      {
        ...{ status: 'warn', checks: exampleChecks, version: '0.1.0', runtime: 'bun' },
        ...{ uptimeSeconds: 86_400, pool: examplePool },
      },
    ],
  },
  'self',
)

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
}).configure(
  {
    title: 'Figures',
    examples: [
      {
        uptime: 86_400,
        cpu: { user: 412.5, system: 38.1 },
        memory: { rss: 182_000_000, heapUsed: 61_000_000, heapTotal: 74_000_000 },
        requests: {
          ...{ total: 93_120, active: 4, rate: 12.4, errorRate: 0.001 },
          latency: { p50: 3.1, p95: 11.8, p99: 24.5, max: 812.4 },
        },
        eventLoopDelay: {
          ...{ min: 0.1, max: 18.2, mean: 1.1, stddev: 0.6 },
          ...{ p50: 1.1, p90: 1.4, p99: 2.9 },
        },
        pool: examplePool,
      },
    ],
  },
  'self',
)

/** The answer to `GET /metrics`: the Prometheus text format 0.0.4, or OpenMetrics 1.0 where asked for. */
export const expositionAnswer = type('string')
