/** Needs promtool and prometheus (Debian: `prometheus`), which `.ci/run` installs. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { adminOf, clientOf } from '../support/client.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { type Prometheus, startPrometheus } from '../support/prometheus.ts'

const token = 'a-token-for-the-scraper-of-this-test'

let sink: OtlpSink
let caly: Caly
let prometheus: Prometheus

beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    env: {
      METRICS_TOKEN: token,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_RESOURCE_ATTRIBUTES: 'cloud.region=eu',
      // One of each kind of series: what is refused, what fails, what is called for.
      RATE_LIMIT_AUTH: '3/1m',
    },
  })
  const admin = await adminOf(caly)
  const { body: call } = await admin('POST', '/api/calls', {
    from: '+912233445566',
    to: '+919876543210',
  })
  await eventually(
    () => admin('GET', `/api/calls/${call.id}`),
    ({ body }) => body.endedAt !== null,
    20_000,
  )
  const stranger = clientOf(caly)
  for (let n = 0; n < 5; n++)
    await stranger('POST', '/api/auth/login', {
      email: 'nobody@example.com',
      password: `wrong ${n}`,
    })
  await admin('GET', `/api/calls?search=${encodeURIComponent("' OR 1=1 --")}`)
  await admin('GET', '/nothing')
  prometheus = await startPrometheus({
    targets: [{ url: new URL('/metrics', caly.baseUrl), token }],
  })
}, 120_000)
afterAll(async () => {
  await prometheus.stop()
  expect(await caly.stop()).toBe(0)
  await sink.close()
}, 30_000)

test('promtool finds nothing wrong but the one name that the conventions end in _count', async () => {
  const { body } = await clientOf(caly, token)('GET', '/metrics')
  const { error, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: body,
    encoding: 'utf8',
  })
  expect(error).toBeUndefined()
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  expect(complaints.sort()).toEqual([
    'db_client_connection_count non-histogram and non-summary metrics should not have "_count" suffix',
  ])
})

test('Prometheus takes every line of it in OpenMetrics, and knows each metric by its kind', async () => {
  const states = await prometheus.scraped()
  expect(states).toMatchObject([{ health: 'up', lastError: '' }])
  const metadata = (await prometheus.get('/api/v1/metadata')) as Record<string, { type: string }[]>
  const kinds = {
    http_server_request_duration_seconds: 'histogram',
    db_client_operation_duration_seconds: 'histogram',
    http_server_request_body_size_bytes: 'histogram',
    http_server_response_body_size_bytes: 'histogram',
    http_server_active_requests: 'gauge',
    // Without `_total`: it came as OpenMetrics.
    caly_logins: 'counter',
    process_cpu_time_seconds: 'counter',
    target: 'info',
  }
  for (const [name, kind] of Object.entries(kinds)) expect(metadata[name]?.[0]?.type).toBe(kind)
  expect(await prometheus.query('caly_logins_total{caly_login_outcome="success"}')).toMatchObject([
    { value: [expect.any(Number), '1'] },
  ])
}, 60_000)

test('Exemplars lead from the buckets of requests and queries to their traces', async () => {
  await prometheus.scraped()
  const spans = { http_server_request: '/api/calls', db_client_operation: undefined }
  for (const [what, route] of Object.entries(spans)) {
    const labels = route === undefined ? '' : `{http_route="${route}"}`
    const found = await prometheus.exemplars(`${what}_duration_seconds_bucket${labels}`)
    const [first] = found.flatMap(({ exemplars }) => exemplars)
    const ids = first?.labels ?? {}
    expect(ids['trace_id']).toMatch(/^[0-9a-f]{32}$/)
    const sent = await sink.waitFor((all) => all.some(({ spanId }) => spanId === ids['span_id']))
    const span = sent.find(({ spanId }) => spanId === ids['span_id'])
    expect(span?.traceId).toBe(ids['trace_id'] ?? '')
    if (route !== undefined) expect(span?.attributes['http.route']).toBe(route)
    else expect(span?.attributes['db.system.name']).toBe('postgresql')
  }
}, 60_000)

test('target_info carries the resource', async () => {
  await prometheus.scraped()
  const [info] = await prometheus.query('target_info')
  expect(info?.metric).toMatchObject({
    service_name: 'caly',
    service_version: expect.stringMatching(/^\d+\./),
    service_instance_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    deployment_environment_name: 'development',
    cloud_region: 'eu',
    process_runtime_name: expect.stringMatching(/^(bun|deno)$/),
  })
}, 60_000)
