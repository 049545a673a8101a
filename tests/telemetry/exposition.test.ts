import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
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
  // Nobody listens there: traces are sampled all the same.
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/users/:id', ({ params }) => params.id)
  for (let id = 0; id < 10; id++) await app.handle(new Request(`http://localhost/users/${id}`))
  // Its name ends like its unit, and yet not with it.
  telemetry.meter.createCounter('test.kilobytes', { unit: 'By' }).add(1)
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
  expect(of('bucket', { le: '10.0' })).toBe(10)
  expect(of('sum')).toBeGreaterThan(0)
  expect(body).toContain('# TYPE http_server_request_duration_seconds histogram')
})

test('Labels are written with what could end them escaped', async () => {
  telemetry.queries?.ended({
    summary: 'SELECT "a\\b"\nc',
    operation: 'SELECT',
    namespace: 'caly',
    address: undefined,
    port: undefined,
    errorType: undefined,
    seconds: 0.002,
  })
  const { body } = await telemetry.exposition()
  expect(body).toContain('db_query_summary="SELECT \\"a\\\\b\\"\\nc",le="0.005"} 1\n')
})

test('The resource says what runs, where and on what', async () => {
  const { body } = await telemetry.exposition()
  const labels = {
    service_name: 'caly',
    service_version: '0.0.0-test',
    service_instance_id: 'test',
    deployment_environment_name: 'development',
    process_runtime_name: 'bun',
    process_runtime_version: process.versions.bun ?? '',
  }
  expect(sample(body, 'target_info', labels)).toBe(1)
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

describe('OpenMetrics', () => {
  const openMetrics = () => telemetry.exposition('application/openmetrics-text')

  test('is typed as such, and ends with its mark, without an empty line', async () => {
    const { body, contentType } = await openMetrics()
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(body.endsWith('\n# EOF\n')).toBe(true)
    expect(body).not.toContain('\n\n')
  })

  test('introduces counters without _total, the resource as an info, and units that end the name', async () => {
    const { body } = await openMetrics()
    expect(body).toContain('# HELP process_cpu_time_seconds CPU')
    expect(body).toContain(
      '# UNIT process_cpu_time_seconds seconds\n# TYPE process_cpu_time_seconds counter\n',
    )
    expect(sample(body, 'process_cpu_time_seconds_total', { cpu_mode: 'user' })).toBeGreaterThan(0)
    expect(body).toMatch(/^# HELP target .+\n# TYPE target info\ntarget_info\{/)
    for (const [, name = '', unit] of body.matchAll(/^# UNIT (\S+) (\S+)$/gm))
      expect(name).toEndWith(`_${unit}`)
  })

  test('introduces no metric twice, and has the series of the text format', async () => {
    const { body } = await openMetrics()
    const introduced = [...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
    expect(new Set(introduced).size).toBe(introduced.length)
    const seriesIn = (text: string) => [...text.matchAll(/^\w+(?:\{[^\n]*?\})?(?= )/gm)].map(String)
    expect(seriesIn(body).sort()).toEqual(seriesIn((await telemetry.exposition()).body).sort())
  })

  test('leads from each bucket to its last sampled trace', async () => {
    const { body } = await openMetrics()
    const line = body
      .split('\n')
      .find(
        (text) =>
          text.startsWith('http_server_request_duration_seconds_bucket{') && text.includes(' # '),
      )
    const exemplar = / \d+ # \{trace_id="[0-9a-f]{32}",span_id="[0-9a-f]{16}"\} (\S+) (\d+\.?\d*)$/
    const [, value, time] = exemplar.exec(line ?? '') ?? []
    expect(Number(value)).toBeLessThanOrEqual(Number(/le="([^"]+)"/.exec(line ?? '')?.[1]))
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60)
    expect((await telemetry.exposition()).body).not.toContain('trace_id')
  })
})

test('Requests and queries that are not sampled leave no exemplar', async () => {
  const untraced = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_TRACES_SAMPLER: 'always_off',
  })
  const app = new Elysia().use(requestTelemetry(untraced)).get('/', () => 'ok')
  await app.handle(new Request('http://localhost/'))
  const { body } = await untraced.exposition('application/openmetrics-text')
  expect(body).toContain('http_route="/"')
  expect(body).not.toContain('trace_id')
  await untraced.shutdown(100)
})

test('The resource has no label twice and none that is no label, whatever its attributes are called', async () => {
  const own = await telemetryWith({
    OTEL_RESOURCE_ATTRIBUTES: 'host.name=a,host_name=b,service.name=renamed,1st=c',
  })
  const { body } = await own.exposition()
  const info = body.split('\n').find((line) => line.startsWith('target_info{')) ?? ''
  expect(info).toContain('host_name="a;b"')
  expect(info).toContain('service_name="renamed"')
  expect(info).toContain('_1st="c"')
  const labels = Array.from(info.matchAll(/(\w+)="/g), ([, name]) => name)
  expect(new Set(labels).size).toBe(labels.length)
  await own.shutdown(100)
})
