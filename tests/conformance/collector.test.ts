/** The three signals of a real process, and collectors that are gone, on whichever runtime is under test. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Client, clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly, testedRuntime } from '../support/process.ts'

const shutdownTimeout = 2000

let sink: OtlpSink
let caly: Caly
let client: Client

beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_MAX_QUEUE_SIZE: '200',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '50',
      OTEL_BLRP_SCHEDULE_DELAY: '100',
      OTEL_BLRP_MAX_QUEUE_SIZE: '200',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '50',
      SHUTDOWN_TIMEOUT: String(shutdownTimeout),
      RATE_LIMIT_GLOBAL: 'off',
      LOG_LEVEL: 'debug',
    },
  })
  client = clientOf(caly)
}, 90_000)
afterAll(async () => {
  await caly.stop()
  await sink.close()
}, 30_000)

/** Lines of the log, from a place in it on. */
const linesFrom = (start: number) =>
  caly
    .output()
    .slice(start)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

/** Milliseconds of the middle one of so many requests, one after the other. */
async function medianOf(count: number): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < count; n++) {
    const startedAt = performance.now()
    expect((await client('GET', '/api')).status).toBe(200)
    times.push(performance.now() - startedAt)
  }
  return times.sort((a, b) => a - b)[count >> 1] ?? 0
}

const metric = async (name: string) => {
  const { body } = await client('GET', '/metrics')
  const line = new RegExp(`^${name} (\\S+)$`, 'm').exec(body)
  return line === null ? undefined : Number(line[1])
}

test('the line of a request in the log, the record that goes out and the span name one trace', async () => {
  const { headers } = await client('GET', '/api')
  const requestId = headers.get('x-request-id')
  const spans = await sink.waitFor((all) =>
    all.some(({ attributes }) => attributes['caly.request.id'] === requestId),
  )
  const span = spans.find(({ attributes }) => attributes['caly.request.id'] === requestId)
  const ids = { traceId: span?.traceId ?? '', spanId: span?.spanId ?? '' }
  const record = await eventually(
    async () => sink.logs().find(({ attributes }) => attributes['requestId'] === requestId),
    (found) => found !== undefined,
  )
  expect(record).toMatchObject({ ...ids, body: 'request', severityText: 'info' })
  expect(linesFrom(0).find((line) => line.requestId === requestId)).toMatchObject({
    trace_id: ids.traceId,
    span_id: ids.spanId,
    trace_flags: '01',
  })
  await eventually(
    async () => sink.metricNames().has('http.server.request.duration'),
    (arrived) => arrived,
  )
})

test('a scraper gets OpenMetrics, compressed, if it asks as Prometheus does', async () => {
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5'
  const answer = await sendRaw(
    caly.port,
    `GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: ${accept}\r\nAccept-Encoding: gzip\r\n\r\n`,
  )
  expect(answer).toMatch(/^content-type: application\/openmetrics-text; version=1\.0\.0/im)
  expect(answer).toMatch(/^content-encoding: gzip/im)
  expect(answer).toMatch(/^vary: .*accept, ?accept-encoding/im)
  const { body } = await client('GET', '/metrics', undefined, { accept })
  expect(body).toEndWith('# EOF\n')
  expect(body).toMatch(/^http_server_request_duration_seconds_bucket.* # \{trace_id="/m)
})

const troubles = [
  { what: 'refuses with 503', manners: { status: 503 } },
  { what: 'never answers', manners: { delay: Number.POSITIVE_INFINITY } },
]
for (const { what, manners } of troubles)
  test(`while the collector ${what}, nothing slows, grows or fills the log`, async () => {
    const usual = await medianOf(50)
    const start = caly.output().length
    sink.behave(manners)
    const median = await medianOf(400)
    expect(median).toBeLessThan(Math.max(20, 3 * usual))
    for (const signal of ['span', 'log'])
      expect(await metric(`otel_sdk_processor_${signal}_queue_size\\{.*\\}`)).toBeLessThanOrEqual(
        200,
      )
    const told = linesFrom(start).filter(({ msg }) => msg === 'telemetry')
    expect(told.length).toBeLessThanOrEqual(1)
    sink.behave({})
    // What comes after the trouble goes out again, once there is room in the queue.
    const later = new Set<unknown>()
    await eventually(
      async () => {
        later.add((await client('GET', '/api')).headers.get('x-request-id'))
        const isLater = (id: unknown) => later.has(id)
        return (
          sink.spans().some(({ attributes }) => isLater(attributes['caly.request.id'])) &&
          sink.logs().some(({ attributes }) => isLater(attributes['requestId']))
        )
      },
      (arrived) => arrived,
      20_000,
    )
  }, 60_000)

test('with a collector that never answers, a stop ends within SHUTDOWN_TIMEOUT', async () => {
  sink.behave({ delay: Number.POSITIVE_INFINITY })
  await medianOf(100)
  const startedAt = performance.now()
  caly.child.kill('SIGTERM')
  expect(await caly.exited()).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(shutdownTimeout + 1000)
  expect(caly.output()).toContain('"msg":"stopped"')
}, 30_000)

if (testedRuntime === 'deno')
  test('under OTEL_DENO=true, when Deno measures by itself, the start is refused', async () => {
    const refused = await startCaly({ env: { OTEL_DENO: 'true' }, ready: false })
    expect(await refused.exited()).toBe(2)
    expect(refused.output()).toContain('set OTEL_DENO=false under Deno')
    await refused.stop()
  }, 30_000)
