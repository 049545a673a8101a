/** The log over OTLP: what goes out, when, and what it costs when nobody takes it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { createLog, type Log, withLogContext } from '../../src/log/index.ts'
import { requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { sample, type TelemetryVariables, telemetryWith } from './support.ts'

/** A log whose lines go nowhere but out. */
function logOf({ writeLog }: Telemetry, level: 'info' | 'warn' = 'info'): Log {
  const log = createLog({ level, format: 'json', write: async (bytes) => bytes.length })
  if (writeLog) log.copyTo(writeLog)
  return log
}

const sending = (url: string, more: TelemetryVariables = {}) =>
  telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_BLRP_SCHEDULE_DELAY: '50',
    ...more,
  })

describe('a line', () => {
  let sink: OtlpSink
  let telemetry: Telemetry
  let traceId: string | undefined
  beforeAll(async () => {
    sink = await otlpSink()
    telemetry = await sending(sink.url)
    const { logger } = logOf(telemetry)
    const app = new Elysia().use(requestTelemetry(telemetry)).get('/', () => {
      traceId = trace.getActiveSpan()?.spanContext().traceId
      withLogContext({ queue: 'calls' }, () =>
        logger.warn({ password: 'hunter2', to: '+919876543210', tries: 3 }, 'it %s', 'happened'),
      )
      return 'ok'
    })
    await app.handle(new Request('http://localhost/'))
    const cause = Object.assign(new RangeError('too far'), { code: 'E1' })
    logger.error({ error: new TypeError('no', { cause }) }, 'it failed')
    logger.info({ method: 'GET', durationMs: 2.5, principal: { type: 'user' } }, 'request')
    logger.debug('not for this level')
    await telemetry.shutdown(3000)
  })
  afterAll(() => sink.close())
  const line = (body: string) => sink.logs().find((log) => log.body === body)

  test('is a record with its time, level, words and fields', () => {
    expect(line('it happened')).toMatchObject({
      severity: 'SEVERITY_NUMBER_WARN',
      severityText: 'warn',
      eventName: '',
      resource: { 'service.name': 'caly', 'service.instance.id': 'test' },
    })
    expect(line('it happened')?.attributes).toEqual({
      queue: 'calls',
      password: '[redacted]',
      to: expect.not.stringContaining('9876543210'),
      tries: 3,
    })
    expect(Math.abs(Date.now() - (line('it happened')?.time ?? 0))).toBeLessThan(60_000)
  })

  test('of a request belongs to its trace; another to none', () => {
    const [span] = sink.spans()
    expect(span?.traceId).toBe(traceId ?? '')
    expect(line('it happened')).toMatchObject({
      traceId: span?.traceId,
      spanId: span?.spanId,
      flags: 1,
    })
    expect(line('it failed')).toMatchObject({ traceId: '', spanId: '' })
  })

  test('that tells of an error names it as the conventions do', () => {
    expect(line('it failed')?.attributes).toMatchObject({
      'exception.type': 'TypeError',
      'exception.message': 'no',
      'exception.stacktrace': expect.stringContaining('logs.test.ts'),
      error: { cause: { type: 'RangeError', message: 'too far', code: 'E1' } },
    })
  })

  test('about a request is an event', () => {
    expect(line('request')).toMatchObject({
      eventName: 'caly.request',
      attributes: { method: 'GET', durationMs: 2.5, principal: { type: 'user' } },
    })
  })

  test('goes out only if its level is written', () => {
    expect(sink.logs().map(({ body }) => body)).not.toContain('not for this level')
    expect(sink.logs()).toHaveLength(3)
  })
})

test('Unless OTEL_LOGS_EXPORTER says otlp, the log stays here, whatever endpoint there is', async () => {
  const sink = await otlpSink()
  for (const exporter of [undefined, 'console', 'none']) {
    const telemetry = await telemetryWith({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${sink.url}/v1/logs`,
      ...(exporter !== undefined && { OTEL_LOGS_EXPORTER: exporter }),
    })
    expect(telemetry.writeLog).toBeUndefined()
    await telemetry.shutdown(1000)
  }
  expect(sink.requests()).toBe(0)
  await sink.close()
})

test('The log can have an endpoint of its own', async () => {
  const sink = await otlpSink()
  const telemetry = await telemetryWith({
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${sink.url}/v1/logs`,
    OTEL_LOGS_EXPORTER: 'otlp',
  })
  expect(telemetry.exportsTraces).toBe(false)
  logOf(telemetry).logger.info('hello')
  await telemetry.shutdown(3000)
  expect(sink.logs().map(({ body }) => body)).toEqual(['hello'])
  await sink.close()
})

test('With a collector that hangs the queue stays bounded, what is lost is counted, and the stop is not held up', async () => {
  const sink = await otlpSink({ delay: Number.POSITIVE_INFINITY })
  const telemetry = await sending(sink.url, {
    OTEL_BLRP_MAX_QUEUE_SIZE: '1000',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '500',
  })
  const { logger } = logOf(telemetry)
  for (let n = 0; n < 5000; n++) logger.info({ n }, 'line')
  const { body } = await telemetry.exposition()
  expect(sample(body, 'otel_sdk_processor_log_queue_size')).toBe(1000)
  const lost = { error_type: 'queue_full' }
  // One batch is on its way.
  expect(sample(body, 'otel_sdk_processor_log_processed_total', lost)).toBe(5000 - 1000 - 500)
  const stopsAt = performance.now()
  await telemetry.shutdown(300)
  // By itself the exporter would try for ten seconds.
  expect(performance.now() - stopsAt).toBeLessThan(5000)
  logger.info('after the stop')
  await sink.close()
}, 20_000)
