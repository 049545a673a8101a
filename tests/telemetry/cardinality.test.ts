import { afterAll, beforeAll, expect, test } from 'bun:test'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { Elysia } from 'elysia'
import {
  type RequestTelemetryOptions,
  requestTelemetry,
  type Telemetry,
} from '../../telemetry/index.ts'
import { metricProducer } from '../../telemetry/metrics/metric-producer.ts'
import { RequestMetrics } from '../../telemetry/requests/request-metrics.ts'
import { sample, telemetryWith } from './support.ts'

/** A collector that takes everything and looks at nothing. */
const collector = createServer((request, response) => {
  request.resume().on('end', () => response.end())
})

let telemetry: Telemetry

beforeAll(async () => {
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  telemetry = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    OTEL_TRACES_SAMPLER: 'always_on',
  })
})
afterAll(async () => {
  await telemetry.shutdown(1000)
  collector.closeAllConnections()
  collector.close()
})

/** Series of requests: those of the process come and go by themselves. */
const seriesIn = (body: string) =>
  body.split('\n').filter((line) => line.startsWith('http_server_')).length

/** Bytes of the heap in use, when nothing is left to collect. */
function heap(): number {
  Bun.gc(true)
  return process.memoryUsage().heapUsed
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PROPFIND', 'PURGE']

/** The n-th request of an attacker who makes up all that a client can make up. */
function hostile(n: number): Request {
  const noise = `${n}-${Math.random().toString(36).slice(2)}`
  const path = n % 3 === 0 ? `/calls/${noise}` : `/${noise}/${noise}?${noise}`
  const method = methods[n % methods.length] ?? 'GET'
  return new Request(`http://${noise}.example${path}`, {
    method: n % 1000 === 0 ? `X${n}` : method,
    headers: {
      'user-agent': noise,
      'x-request-id': noise,
      'x-forwarded-for': noise,
      'content-length': String(n * 1_000_003),
      traceparent: `00-${n.toString(16).padStart(32, '1')}-b7ad6b7169203331-0${n % 2}`,
      tracestate: `${noise}=${noise}`,
      baggage: `${noise}=${noise}`,
    },
  })
}

test('100,000 hostile requests add no series and no memory after the first', async () => {
  const appWith = (options?: RequestTelemetryOptions) =>
    new Elysia()
      .use(requestTelemetry(telemetry, options))
      .get('/calls/:id', ({ params }) => params.id)
  const random = () => Math.random().toString(36)
  const bare = appWith()
  const told = appWith({
    describe: () => ({ userAgent: random(), requestId: random(), clientId: random() }),
  })
  const attack = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      await (n % 2 === 0 ? bare : told).handle(hostile(n))
      // A real server comes to send its batches between requests.
      if (n % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await attack(0, 10_000)
  const before = { series: seriesIn((await telemetry.exposition()).body), heap: heap() }
  await attack(10_000, 110_000)
  const { body } = await telemetry.exposition()
  expect(seriesIn(body)).toBe(before.series)
  expect(heap() - before.heap).toBeLessThan(8 * 2 ** 20)
  expect(
    sample(body, 'http_server_request_duration_seconds_count', {
      http_response_status_code: '404',
    }),
  ).toBeGreaterThan(6000)
  expect(
    sample(body, 'http_server_request_duration_seconds_count', { http_route: '/calls/:id' }),
  ).toBeGreaterThan(1000)
}, 60_000)

test('Unknown methods share the one label _OTHER', async () => {
  const app = new Elysia().use(requestTelemetry(telemetry)).all('/any', () => 'ok')
  for (const method of ['PROPFIND', 'PURGE', 'LINK'])
    await app.handle(new Request('http://localhost/any', { method }))
  const { body } = await telemetry.exposition()
  expect(body).not.toContain('PROPFIND')
  expect(
    sample(body, 'http_server_request_duration_seconds_count', {
      http_request_method: '_OTHER',
      http_route: '/any',
    }),
  ).toBe(3)
})

test('Errors of more than 50 names share the label _OTHER', () => {
  const metrics = new RequestMetrics()
  for (let n = 0; n < 1000; n++)
    metrics.ended({
      method: 0,
      secure: false,
      route: '/',
      status: 500,
      errorType: `Error${n}`,
      seconds: 0.001,
    })
  const errors = [...metrics.durations].map(({ attributes }) => attributes['error.type'])
  expect(errors).toHaveLength(51)
  expect(errors.at(-1)).toBe('_OTHER')
  expect(metrics.total().count).toBe(1000)
})

test('Beyond 2000 series, all that is new shares one that says so', () => {
  const metrics = new RequestMetrics()
  for (let n = 0; n < 3000; n++)
    metrics.ended({
      method: 0,
      secure: false,
      route: `/made-up/${n}`,
      status: 200,
      errorType: undefined,
      seconds: 0.001,
    })
  const series = [...metrics.durations]
  expect(series).toHaveLength(2001)
  expect(series.at(-1)).toMatchObject({ attributes: { 'otel.metric.overflow': true }, count: 1000 })
})

test('Instruments of the SDK keep to 2000 series too, however often they are scraped in between', async () => {
  const own = await telemetryWith()
  const counter = own.meter.createCounter('test.answers')
  const histogram = own.meter.createHistogram('test.sizes', {
    advice: { explicitBucketBoundaries: [1] },
  })
  for (let scrape = 0; scrape < 3; scrape++) {
    for (let n = 0; n < 1500; n++) {
      const attributes = { 'test.value': `${scrape}-${n}`, 'test.kind': 'other' }
      counter.add(1, attributes)
      histogram.record(1, attributes)
    }
    // A known series goes on being counted.
    counter.add(1, { 'test.value': '0-0', 'test.kind': 'other' })
    await own.exposition()
  }
  const { body } = await own.exposition()
  for (const name of ['test_answers_total', 'test_sizes_count'])
    expect(body.split('\n').filter((line) => line.startsWith(`${name}{`))).toHaveLength(2000)
  expect(sample(body, 'test_answers_total', { test_value: '0-0' })).toBe(4)
  expect(sample(body, 'test_answers_total', { otel_metric_overflow: 'true' })).toBe(4500 - 1999)
  await own.shutdown(100)
})

/** Milliseconds of CPU time that a piece of work takes. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('2000 series of requests and 300 of queries are written for a fraction of what the SDK takes for the same', async () => {
  const own = await telemetryWith()
  const { requests, queries } = own
  if (requests === undefined || queries === undefined) throw new Error('Telemetry is disabled')
  const statuses = [200, 201, 204, 400, 401, 403, 404, 409, 422, 429]
  const change = () => {
    for (let n = 0; n < 2000; n++)
      requests.metrics.ended({
        method: 0,
        secure: true,
        route: `/api/things/${n % 200}/:id`,
        status: statuses[Math.floor(n / 200)],
        errorType: undefined,
        seconds: Math.random(),
      })
    for (let n = 0; n < 300; n++)
      queries.ended({
        summary: `SELECT table_${n}`,
        operation: 'SELECT',
        namespace: 'caly',
        address: '127.0.0.1',
        port: 5432,
        errorType: undefined,
        seconds: Math.random() / 10,
      })
  }
  const producer = metricProducer(requests.metrics, queries, { name: 'caly' })
  const serializer = new PrometheusSerializer()
  const ours: number[] = []
  const theirs: number[] = []
  for (let scrape = 0; scrape < 6; scrape++) {
    change()
    let body = ''
    ours.push(await cpuOf(async () => ({ body } = await own.exposition())))
    expect(body.match(/_duration_seconds_count/g)).toHaveLength(2300)
    const { resourceMetrics } = await producer.collect()
    theirs.push(await cpuOf(() => serializer.serialize(resourceMetrics)))
  }
  // A tenth of it, measured on a machine with nothing else to do.
  expect(Math.min(...ours)).toBeLessThan(Math.min(...theirs) / 3)
  await own.shutdown(100)
}, 30_000)
