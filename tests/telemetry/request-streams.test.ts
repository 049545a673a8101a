/** Requests whose answers stream: measured, and their spans ended, when the last byte has gone. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { sample, telemetryWith } from './support.ts'

let sink: OtlpSink
let telemetry: Telemetry

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
})
afterAll(async () => {
  await telemetry.shutdown(2000)
  await sink.close()
})

/** A body that the test writes, piece by piece. */
function written() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  return { readable, writer: writable.getWriter() }
}

const audio = { headers: { 'content-type': 'audio/mpeg' } }

/** An app with one route, and what is known of its requests. */
function appWith(route: string, answer: () => Response | AsyncGenerator<string>) {
  const app = new Elysia().use(requestTelemetry(telemetry)).get(route, answer)
  const spans = (all: readonly DecodedSpan[]) => all.filter(({ name }) => name.endsWith(route))
  return {
    ask: (init?: RequestInit) => app.handle(new Request(`http://localhost${route}`, init)),
    async span(): Promise<DecodedSpan> {
      const [span] = spans(await sink.waitFor((all) => spans(all).length > 0))
      if (span === undefined) throw new Error('gone')
      return span
    },
    spans: () => spans(sink.spans()),
    async metric(name: string, labels = {}) {
      const { body } = await telemetry.exposition()
      return sample(body, name, { http_route: route, ...labels })
    },
  }
}

const active = async () =>
  sample((await telemetry.exposition()).body, 'http_server_active_requests', {
    http_request_method: 'GET',
  })

test('A stream is measured to its last byte', async () => {
  const { readable, writer } = written()
  const app = appWith('/read', () => new Response(readable, audio))
  const response = await app.ask()
  const body = response.bytes()
  await writer.write(new Uint8Array(1000))
  expect(await active()).toBe(1)
  expect(app.spans()).toEqual([])
  const lastPieceAt = Date.now()
  await writer.write(new Uint8Array(24))
  await writer.close()
  expect(await body).toHaveLength(1024)
  const span = await app.span()
  // A span begins at a whole millisecond, which may have been nearly over.
  expect(span.endTime).toBeGreaterThan(lastPieceAt - 1)
  expect(span.attributes).toMatchObject({ 'http.response.status_code': 200 })
  expect(span.attributes).not.toHaveProperty('caly.request.aborted')
  expect(span.status.code).toBe('STATUS_CODE_UNSET')
  expect(await active()).toBe(0)
  expect(await app.metric('http_server_response_body_size_bytes_sum')).toBe(1024)
  expect(await app.metric('http_server_request_duration_seconds_count')).toBe(1)
})

type Leave = (client: AbortController, cancel: () => Promise<void>) => unknown

const ways: Readonly<Record<string, Leave>> = {
  'while its body waits': (client) => client.abort(),
  'and cancels it': (_, cancel) => cancel(),
}

for (const [way, leave] of Object.entries(ways))
  test(`A stream whose client leaves ${way} ends there, and is no error`, async () => {
    const { readable, writer } = written()
    const app = appWith(`/left/${way.replaceAll(' ', '-')}`, () => new Response(readable, audio))
    const client = new AbortController()
    const { body } = await app.ask({ signal: client.signal })
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    void writer.write(new Uint8Array(10)).catch(() => undefined)
    await reader.read()
    await leave(client, () => reader.cancel())
    const span = await app.span()
    expect(span.attributes).toMatchObject({
      'http.response.status_code': 200,
      'caly.request.aborted': true,
    })
    expect(span.attributes).not.toHaveProperty('error.type')
    expect(await active()).toBe(0)
    expect(await app.metric('http_server_response_body_size_bytes_sum')).toBe(10)
  })

test('A stream that breaks off is an error, whatever its status said', async () => {
  const { readable, writer } = written()
  const app = appWith('/broken', () => new Response(readable, audio))
  const response = await app.ask()
  const body = response.bytes()
  await writer.write(new Uint8Array(10))
  await writer.abort(new RangeError('with a secret: s3cret'))
  await expect(body).rejects.toThrow()
  const span = await app.span()
  expect(span.status).toEqual({ code: 'STATUS_CODE_ERROR', message: '' })
  expect(span.attributes).toMatchObject({
    'http.response.status_code': 200,
    'error.type': 'RangeError',
  })
  expect(span.events).toEqual(['exception'])
  expect(JSON.stringify(span)).not.toContain('s3cret')
  expect(
    await app.metric('http_server_request_duration_seconds_count', { error_type: 'RangeError' }),
  ).toBe(1)
})

test('Who wants to know hears how a stream ended, in the context of its request', async () => {
  const heard: unknown[] = []
  const { readable, writer } = written()
  const app = new Elysia()
    .use(
      requestTelemetry(telemetry, {
        onStreamEnd: ({ outcome, bytes }) =>
          heard.push([outcome, bytes, trace.getActiveSpan()?.spanContext().traceId]),
      }),
    )
    .get('/heard', () => new Response(readable, audio))
  const traceId = 'c'.repeat(32)
  const client = new AbortController()
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  const request = new Request('http://localhost/heard', { headers, signal: client.signal })
  const { body } = await app.handle(request)
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  void writer.write(new Uint8Array(10)).catch(() => undefined)
  await reader.read()
  client.abort()
  expect(heard).toEqual([['left', 10, traceId]])
})

test('What a generator yields is followed, too', async () => {
  const app = appWith('/yields', async function* () {
    yield 'ä'
    yield 'b'
  })
  const response = await app.ask()
  expect(app.spans()).toEqual([])
  expect(await response.text()).toBe('äb')
  await app.span()
  expect(await app.metric('http_server_response_body_size_bytes_sum')).toBe(3)
})

test('The answer to HEAD ends at once: nobody reads its body', async () => {
  const { readable } = written()
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .head('/head', () => new Response(readable, audio))
  await app.handle(new Request('http://localhost/head', { method: 'HEAD' }))
  await sink.waitFor((all) => all.some(({ name }) => name === 'HEAD /head'))
})

test('A request whose client is gone before the answer is no error, and has no status', async () => {
  const controller = new AbortController()
  const app = appWith('/gone', () => {
    controller.abort()
    return new Response('too late', { status: 503 })
  })
  await app.ask({ signal: controller.signal })
  const span = await app.span()
  expect(span.attributes).toMatchObject({ 'caly.request.aborted': true })
  expect(span.attributes).not.toHaveProperty('http.response.status_code')
  expect(span.attributes).not.toHaveProperty('error.type')
  expect(await app.metric('http_server_request_duration_seconds_count')).toBe(1)
})
