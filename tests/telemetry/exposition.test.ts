import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import {
  observePool,
  type PoolStats,
  requestTelemetry,
  type Telemetry,
} from '../../telemetry/index.ts'
import { sample, telemetryWith } from './support.ts'

let telemetry: Telemetry
let stats: PoolStats = { limit: 20, min: 5, used: 3, idle: 4, pending: 2, timeouts: 1 }

beforeAll(async () => {
  telemetry = await telemetryWith()
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/users/:id', ({ params }) => params.id)
  for (let id = 0; id < 10; id++) await app.handle(new Request(`http://localhost/users/${id}`))
  const pool = observePool(telemetry, 'main', () => stats)
  pool.onWait(250)
  pool.onUse(20)
  pool.onCreate(3)
})
afterAll(() => telemetry.shutdown(1000))

test('A scraper gets the type that Prometheus 3 asks for, and a last line that ends', async () => {
  const { body, contentType } = await telemetry.exposition()
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(body.endsWith('\n')).toBe(true)
})

test('Requests are a histogram in seconds, by route template and status', async () => {
  const { body } = await telemetry.exposition()
  const series = { http_route: '/users/:id', http_response_status_code: '200' }
  const of = (suffix: string, labels = {}) =>
    sample(body, `http_server_request_duration_seconds_${suffix}`, { ...series, ...labels })
  expect(of('count')).toBe(10)
  expect(of('bucket', { le: '+Inf' })).toBe(10)
  expect(of('bucket', { le: '10' })).toBe(10)
  expect(of('sum')).toBeGreaterThan(0)
  expect(body).toContain('# TYPE http_server_request_duration_seconds histogram')
})

test('The pool is told as it is at the scrape', async () => {
  const main = { db_client_connection_pool_name: 'main' }
  const of = async (name: string, labels = {}) =>
    sample((await telemetry.exposition()).body, `db_client_connection_${name}`, {
      ...main,
      ...labels,
    })
  expect(await of('count', { db_client_connection_state: 'used' })).toBe(3)
  expect(await of('count', { db_client_connection_state: 'idle' })).toBe(4)
  expect(await of('limit')).toBe(20)
  expect(await of('idle_min')).toBe(5)
  expect(await of('pending_requests')).toBe(2)
  expect(await of('timeouts_total')).toBe(1)
  expect(await of('wait_time_seconds_sum')).toBe(0.25)
  expect(await of('use_time_seconds_sum')).toBe(0.02)
  expect(await of('create_time_seconds_sum')).toBe(0.003)
  stats = { ...stats, used: 7 }
  expect(await of('count', { db_client_connection_state: 'used' })).toBe(7)
})

test('The process tells CPU, memory, uptime and, on Linux, open files', async () => {
  const { body } = await telemetry.exposition()
  for (const mode of ['user', 'system'])
    expect(sample(body, 'process_cpu_time_seconds_total', { cpu_mode: mode })).toBeGreaterThan(0)
  expect(sample(body, 'process_memory_usage_bytes')).toBeGreaterThan(1_000_000)
  expect(sample(body, 'process_uptime_seconds')).toBeGreaterThan(0)
  if (process.platform === 'linux') expect(sample(body, 'process_open_fds')).toBeGreaterThan(2)
})

test('Counters of the domain begin at zero, so that their first event shows as an increase', async () => {
  const { body } = await telemetry.exposition()
  expect(sample(body, 'caly_db_slow_queries_total')).toBe(0)
  expect(sample(body, 'caly_logins_total', { caly_login_outcome: 'failure' })).toBe(0)
})
