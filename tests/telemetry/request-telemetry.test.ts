import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { type RequestDescription, requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { sample, telemetryWith } from './support.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'

let sink: OtlpSink
let telemetry: Telemetry

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith(
    { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url },
    { redact: (text) => text.replace(/\d{12}/g, '[redacted]') },
  )
})
afterAll(async () => {
  await telemetry.shutdown(2000)
  await sink.close()
})

function appWith(describe?: () => RequestDescription) {
  return new Elysia()
    .use(requestTelemetry(telemetry, describe ? { describe } : {}))
    .onError(({ error }) =>
      error instanceof RangeError ? new Response('mapped', { status: 503 }) : undefined,
    )
    .get('/calls/:id', ({ params }) => params.id)
    .get('/later/:id', async () => {
      await Promise.resolve()
      return trace.getActiveSpan()?.spanContext().traceId
    })
    .get('/fails', () => {
      throw new TypeError('with a secret: s3cret')
    })
    .get('/mapped', () => {
      throw new RangeError('unavailable')
    })
    .get('/teapot', ({ status }) => status(418))
    .get('/posing', () => {
      trace.getActiveSpan()?.setAttributes({ 'http.route': '/other', 'caly.note': 'mine' })
      return 'posing'
    })
    .get('/noted', () => {
      trace.getActiveSpan()?.setAttribute('caly.note', 'x'.repeat(5000))
      return 'noted'
    })
}

/** The span of the one request that carries this trace id. */
async function spanOf(id: string): Promise<DecodedSpan> {
  const found = (spans: readonly DecodedSpan[]) => spans.find((span) => span.traceId === id)
  const span = found(await sink.waitFor((spans) => found(spans) !== undefined))
  if (span === undefined) throw new Error('gone')
  return span
}

let requests = 0

/** Sends a request with a trace id of its own, and gives the span that came of it. */
async function traced(
  app: { handle: (request: Request) => Promise<Response> },
  path: string,
  init: RequestInit = {},
) {
  const id = (++requests).toString(16).padStart(32, 'a')
  const headers = { traceparent: `00-${id}-${parentId}-01` }
  const response = await app.handle(new Request(`http://localhost${path}`, { ...init, headers }))
  return { response, span: await spanOf(id) }
}

describe('a request', () => {
  test('becomes one server span, named by method and route, under the span of its caller', async () => {
    const { response, span } = await traced(appWith(), '/calls/4711?number=%2B4930123456')
    expect(await response.text()).toBe('4711')
    expect(span).toMatchObject({
      name: 'GET /calls/:id',
      kind: 'SPAN_KIND_SERVER',
      parentSpanId: parentId,
      status: { code: 'STATUS_CODE_UNSET', message: '' },
      scope: 'caly',
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/calls/:id',
        'http.response.status_code': 200,
        'url.path': '/calls/:id',
        'url.scheme': 'http',
      },
    })
    expect(span.endTime).toBeGreaterThan(span.startTime)
  })

  test('carries no part of its path, query or error message into the span', async () => {
    for (const path of ['/calls/s3cret?key=s3cret', '/nothing/s3cret', '/fails'])
      expect(JSON.stringify((await traced(appWith(), path)).span)).not.toContain('s3cret')
  })

  test('that no route takes is named by its method alone, and its path is redacted', async () => {
    const { span } = await traced(appWith(), '/nothing/here')
    expect(span.name).toBe('GET')
    expect(span.attributes).toMatchObject({
      'url.path': '/REDACTED',
      'http.response.status_code': 404,
    })
    expect(span.attributes).not.toHaveProperty('http.route')
    expect(span.status.code).toBe('STATUS_CODE_UNSET')
  })

  test('by an unknown method is named HTTP, with the method beside', async () => {
    const app = new Elysia().use(requestTelemetry(telemetry)).all('/any', () => 'ok')
    const { span } = await traced(app, '/any', { method: 'PROPFIND' })
    expect(span.name).toBe('HTTP /any')
    expect(span.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    })
  })

  test('that ends with 4xx is no error', async () => {
    const { span } = await traced(appWith(), '/teapot')
    expect(span.attributes['http.response.status_code']).toBe(418)
    expect(span.attributes).not.toHaveProperty('error.type')
    expect(span.status.code).toBe('STATUS_CODE_UNSET')
  })

  test('that ends with 5xx is an error, typed by its status', async () => {
    for (const [path, status] of [
      ['/fails', 500],
      ['/mapped', 503],
    ] as const) {
      const { span } = await traced(appWith(), path)
      expect(span.status).toEqual({ code: 'STATUS_CODE_ERROR', message: '' })
      expect(span.attributes).toMatchObject({
        'http.response.status_code': status,
        'error.type': String(status),
      })
      expect(span.events).toEqual([])
    }
  })

  test('names the class of what failed, at the bottom of it all, and nothing else of it', async () => {
    const failure = new Error('outer s3cret', { cause: new TypeError('inner s3cret') })
    const { span } = await traced(
      appWith(() => ({ failure })),
      '/mapped',
    )
    expect(span.attributes['error.type']).toBe('Error')
    expect(span.exceptions).toEqual(['TypeError'])
    expect(JSON.stringify(span)).not.toContain('s3cret')
  })

  test('tells which host was asked for, but not of a request that no route took', async () => {
    const app = appWith()
    const ask = async (host: string, path: string) => {
      const id = (++requests).toString(16).padStart(32, 'b')
      const headers = { traceparent: `00-${id}-${parentId}-01` }
      await app.handle(new Request(`http://${host}${path}`, { headers }))
      const { attributes } = await spanOf(id)
      return [attributes['server.address'], attributes['server.port']]
    }
    expect(await ask('caly.example:8080', '/teapot')).toEqual(['caly.example', 8080])
    expect(await ask('[2001:db8::1]', '/teapot')).toEqual(['2001:db8::1', undefined])
    expect(await ask('s3cret.example', '/nothing')).toEqual([undefined, undefined])
    // Probes are answered on any host: a name of this kind says nothing of ours.
    expect(await ask('919876543210.example', '/teapot')).toEqual([undefined, undefined])
  })

  test('is described by what the app knows of it', async () => {
    const app = appWith(() => ({
      route: '/calls/:id',
      clientAddress: '192.0.2.7',
      scheme: 'https',
      userAgent: 'curl/8.0',
      requestId: 'order-4711',
      clientId: 'client-1',
      failure: new RangeError('secret'),
    }))
    const { span } = await traced(app, '/mapped')
    expect(span.attributes).toMatchObject({
      'url.scheme': 'https',
      'client.address': '192.0.2.7',
      'user_agent.original': 'curl/8.0',
      'caly.request.id': 'order-4711',
      'caly.client.id': 'client-1',
      'error.type': 'RangeError',
    })
  })

  test('keeps its span through awaits, and handlers may add to it, within bounds', async () => {
    const { response, span } = await traced(appWith(), '/later/1')
    expect(await response.text()).toBe(span.traceId)
    const noted = await traced(appWith(), '/noted')
    expect(noted.span.attributes['caly.note']).toHaveLength(1024)
  })

  test('has one value for each name, and for those of the conventions ours', async () => {
    for (let turn = 0; turn < 2; turn++) {
      const { span } = await traced(appWith(), '/posing')
      expect(span.attributes).toMatchObject({ 'http.route': '/posing', 'caly.note': 'mine' })
      expect(span.attributeNames.filter((name) => name === 'http.route')).toHaveLength(1)
    }
  })

  test('with a broken traceparent begins a trace of its own', async () => {
    const app = appWith()
    for (const traceparent of [
      `00-${'0'.repeat(32)}-${parentId}-01`,
      `ff-${traceId}-${parentId}-01`,
      `00-${traceId}-${parentId}-01-more`,
      `00-${traceId.toUpperCase()}-${parentId}-01`,
      'nonsense',
    ]) {
      const response = await app.handle(
        new Request('http://localhost/later/1', { headers: { traceparent } }),
      )
      const id = await response.text()
      expect(id).toMatch(/^[0-9a-f]{32}$/)
      expect(id).not.toBe(traceId)
      expect((await spanOf(id)).parentSpanId).toBe('')
    }
  })
})

test('The resource names the service and nothing of the machine', async () => {
  const { span } = await traced(appWith(), '/calls/1')
  expect(span.resource).toEqual({
    'service.name': 'caly',
    'service.version': '0.0.0-test',
    'service.instance.id': 'test',
    'deployment.environment.name': 'development',
    'process.runtime.name': 'bun',
    'process.runtime.version': expect.any(String),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': expect.any(String),
  })
})

test('200 concurrent requests keep their own spans, and children hang under their own', async () => {
  const tracer = telemetry.tracerProvider.getTracer('test')
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const app = new Elysia().use(requestTelemetry(telemetry)).get('/work/:n', async ({ params }) => {
    await pause(Number(params.n) % 7)
    const child = tracer.startSpan(`child ${params.n}`)
    await pause(Number(params.n) % 5)
    child.end()
    return trace.getActiveSpan()?.spanContext().spanId
  })
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const response = await app.handle(new Request(`http://localhost/work/${n}`))
      return response.text()
    }),
  )
  const spans = await sink.waitFor(
    (all) => all.filter(({ name }) => name.startsWith('child ')).length === 200,
  )
  for (const [n, spanId] of answers.entries()) {
    const child = spans.find(({ name }) => name === `child ${n}`)
    const parent = spans.find((span) => span.spanId === spanId)
    expect(child?.parentSpanId).toBe(spanId)
    expect(child?.traceId).toBe(parent?.traceId as string)
    expect(parent?.name).toBe('GET /work/:n')
  }
})

test('Requests in flight are counted in and out, also those that throw', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .put('/slow', () => promise)
    .put('/fails', () => {
      throw new Error('no')
    })
  const put = (path: string) =>
    app.handle(new Request(`http://localhost${path}`, { method: 'PUT' }))
  const active = async () =>
    sample((await telemetry.exposition()).body, 'http_server_active_requests', {
      http_request_method: 'PUT',
    })
  const answer = put('/slow')
  await put('/fails')
  expect(await active()).toBe(1)
  resolve('done')
  await answer
  expect(await active()).toBe(0)
})

test('Limits of the queue and of texts that are no positive numbers count as not given', async () => {
  const own = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_BSP_MAX_QUEUE_SIZE: '0',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '-1',
    OTEL_BSP_EXPORT_TIMEOUT: '0',
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '-2',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6',
  })
  const app = new Elysia().use(requestTelemetry(own)).get('/a-long-route', () => 'ok')
  const { span } = await traced(app, '/a-long-route')
  expect(span.attributes).toMatchObject({ 'url.path': '/a-lon', 'url.scheme': 'http' })
  await own.shutdown(1000)
})

test('An exception that a handler records stands there by its class, and never by a message', async () => {
  const record = (name: string) => () => {
    trace.getActiveSpan()?.recordException(Object.assign(new Error('s3cret'), { name }))
    return 'ok'
  }
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/a-class', record('PaymentError'))
    .get('/a-message', record('no such user: s3cret'))
  const classed = await traced(app, '/a-class')
  expect(classed.span.exceptions).toEqual(['PaymentError'])
  const told = await traced(app, '/a-message')
  expect(told.span.exceptions).toEqual(['_OTHER'])
  expect(sink.mentions('s3cret')).toBe(false)
})
