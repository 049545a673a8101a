import { describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { disabledTelemetry, observePool, requestTelemetry } from '../../telemetry/index.ts'
import { otlpSink } from '../support/otlp-sink.ts'
import { sample, telemetryWith } from './support.ts'

const request = () => new Request('http://localhost/')

/** An address at which nobody listens. */
async function nobody(): Promise<string> {
  const sink = await otlpSink()
  await sink.close()
  return sink.url
}

describe('a stop is bounded', () => {
  const collectors = {
    'refuses the connection': async () => ({ url: await nobody(), close: async () => {} }),
    'never answers': () => otlpSink({ delay: Number.POSITIVE_INFINITY }),
    'answers 503 for ever': () => otlpSink({ status: 503 }),
  }
  for (const [what, open] of Object.entries(collectors))
    test(`with a collector that ${what}`, async () => {
      const collector = await open()
      const telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
      const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
      await app.handle(request())
      const started = performance.now()
      await telemetry.shutdown(300)
      // By itself the exporter would try for seven to ten seconds.
      expect(performance.now() - started).toBeLessThan(5000)
      await collector.close()
    })

  test('and with a healthy one nothing is lost, and a second stop is harmless', async () => {
    const sink = await otlpSink({ delay: 50 })
    const telemetry = await telemetryWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '60000',
    })
    const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
    for (let n = 0; n < 100; n++) await app.handle(request())
    await telemetry.shutdown(3000)
    expect(sink.spans()).toHaveLength(100)
    await telemetry.shutdown(3000)
    expect((await telemetry.exposition()).body).toBe('# telemetry has stopped\n')
    await sink.close()
  })
})

test('No collector listens: trouble is told once a minute, and counted', async () => {
  const told: string[] = []
  const { promise: troubled, resolve } = Promise.withResolvers<void>()
  const telemetry = await telemetryWith(
    { OTEL_EXPORTER_OTLP_ENDPOINT: await nobody(), OTEL_EXPORTER_OTLP_TIMEOUT: '200' },
    {
      onTrouble({ message }) {
        told.push(message)
        resolve()
      },
    },
  )
  const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
  for (let n = 0; n < 5; n++) {
    await app.handle(request())
    await new Promise((done) => setTimeout(done, 100))
  }
  await troubled
  await telemetry.shutdown(500)
  expect(told).toHaveLength(1)
}, 10_000)

test('A burst of 20,000 spans gets through to a collector 50 ms away', async () => {
  const sink = await otlpSink({ delay: 50 })
  const telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
  const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
  const started = performance.now()
  for (let n = 0; n < 20_000; n++) {
    await app.handle(request())
    // At most 20,000 a second, as they would come.
    if (n % 200 === 0 && performance.now() - started < n / 20)
      await new Promise((done) => setTimeout(done, n / 20 - (performance.now() - started)))
  }
  await telemetry.shutdown(5000)
  expect(sink.spans()).toHaveLength(20_000)
  await sink.close()
}, 20_000)

test('Disabled, telemetry wraps nothing, and answers with what is known without measuring', async () => {
  const telemetry = await telemetryWith({ OTEL_SDK_DISABLED: 'true' })
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/', () => trace.getActiveSpan() === undefined)
  expect(await (await app.handle(request())).text()).toBe('true')
  telemetry.instruments.slowRequests.add(1)
  const pool = observePool(telemetry, 'main', () => {
    throw new Error('never read')
  })
  pool.onWait(1)
  expect(await telemetry.exposition()).toEqual({
    body: '# telemetry is disabled (OTEL_SDK_DISABLED)\n',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
  })
  expect(telemetry.performance()).toMatchObject({
    requests: null,
    eventLoopDelay: null,
    memory: { rss: expect.any(Number) },
  })
  await telemetry.shutdown(10)
  expect(disabledTelemetry().enabled).toBe(false)
})

test('Disabled, nothing of the SDK is loaded', () => {
  const script = fileURLToPath(new URL('fixtures/disabled.ts', import.meta.url))
  const { stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  expect(JSON.parse(stdout)).toEqual({ disabled: 0, enabled: expect.any(Number) })
  expect(JSON.parse(stdout).enabled).toBeGreaterThan(50)
})

test('Without an endpoint requests are measured and have a trace id, and nothing is sent', async () => {
  const telemetry = await telemetryWith()
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/', () => trace.getActiveSpan()?.spanContext().traceId)
  expect(await (await app.handle(request())).text()).toMatch(/^[0-9a-f]{32}$/)
  expect(telemetry.exportsTraces).toBe(false)
  expect(telemetry.performance().requests).toMatchObject({ total: 1, active: 0, errorRate: 0 })
  await telemetry.shutdown(1000)
})

test('Two services in one process are measured apart', async () => {
  const [first, second] = [await telemetryWith(), await telemetryWith()]
  const appOf = (telemetry: typeof first) =>
    new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
  await appOf(first).handle(request())
  await appOf(first).handle(request())
  await appOf(second).handle(request())
  first.instruments.slowRequests.add(1)
  for (const [telemetry, requests, slow] of [
    [first, 2, 1],
    [second, 1, 0],
  ] as const) {
    const { body } = await telemetry.exposition()
    expect(sample(body, 'http_server_request_duration_seconds_count')).toBe(requests)
    expect(sample(body, 'caly_http_slow_requests_total')).toBe(slow)
  }
  await first.shutdown(1000)
  expect((await second.exposition()).body).toContain('target_info')
  await second.shutdown(1000)
})

test('OTEL_METRICS_EXPORTER=otlp sends the metrics too, under the names of the conventions', async () => {
  const sink = await otlpSink()
  const telemetry = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_METRICS_EXPORTER: 'otlp',
  })
  const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => 'ok')
  await app.handle(request())
  await telemetry.shutdown(2000)
  expect([...sink.metricNames()]).toEqual(
    expect.arrayContaining([
      'http.server.request.duration',
      'process.cpu.time',
      'otel.sdk.processor.span.queue.capacity',
    ]),
  )
  await sink.close()
})

test('OTEL_RESOURCE_ATTRIBUTES says more of the service, and may say otherwise', async () => {
  const telemetry = await telemetryWith({
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,cloud.region=eu',
  })
  const { body } = await telemetry.exposition()
  expect(body).toMatch(/^target_info\{.*deployment_environment_name="staging".*\} 1$/m)
  expect(body).toMatch(/^target_info\{.*cloud_region="eu".*\} 1$/m)
  await telemetry.shutdown(1000)
})
