/** A collector for tests: takes OTLP over HTTP and decodes it by the official protobuf definitions. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import protobuf from 'protobufjs'

/** An attribute's value, out of its envelope. */
export type DecodedValue = string | number | boolean | readonly DecodedValue[] | undefined

/** A span as it came in. Ids are lower-case hex, times milliseconds since the epoch. */
export interface DecodedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty for the root of a trace. */
  readonly parentSpanId: string
  readonly name: string
  /** `SPAN_KIND_SERVER` and its like. */
  readonly kind: string
  readonly startTime: number
  readonly endTime: number
  readonly attributes: Readonly<Record<string, DecodedValue>>
  /** `STATUS_CODE_UNSET` and its like. */
  readonly status: { readonly code: string; readonly message: string }
  readonly events: readonly string[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly resource: Readonly<Record<string, DecodedValue>>
  readonly scope: string
}

/** How the sink treats whoever sends. */
export interface SinkManners {
  /** Milliseconds before an answer; infinite for none at all. @default 0 */
  readonly delay?: number
  /** @default 200 */
  readonly status?: number
}

/** A running sink. */
export interface OtlpSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string
  /** Requests that came in, whatever was answered. */
  requests(): number
  /** Every span taken so far. */
  spans(): readonly DecodedSpan[]
  /** Names of the metrics taken so far, as OTLP has them. */
  metricNames(): ReadonlySet<string>
  behave(manners: SinkManners): void
  /**
   * Waits until the spans taken satisfy the predicate.
   *
   * @throws {Error} naming the spans there are, if that takes longer than `ms`
   */
  waitFor(
    predicate: (spans: readonly DecodedSpan[]) => boolean,
    ms?: number,
  ): Promise<readonly DecodedSpan[]>
  close(): Promise<void>
}

/** Opens a sink on a free port of the loopback interface. */
export async function otlpSink(manners: SinkManners = {}): Promise<OtlpSink> {
  const spans: DecodedSpan[] = []
  const metrics = new Set<string>()
  const arrived = new EventTarget()
  let current = manners
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const { delay = 0, status = 200 } = current
    if (delay === Number.POSITIVE_INFINITY) return
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    if (status === 200) take(request.url ?? '', body)
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end()
  }

  function take(path: string, body: Uint8Array): void {
    if (path === '/v1/traces') spans.push(...decodeSpans(body))
    else if (path === '/v1/metrics') for (const name of decodeMetricNames(body)) metrics.add(name)
    arrived.dispatchEvent(new Event('arrived'))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    spans: () => spans,
    metricNames: () => metrics,
    behave(next) {
      current = next
    },
    async waitFor(predicate, ms = 5000) {
      const signal = AbortSignal.timeout(ms)
      while (!predicate(spans)) {
        if (signal.aborted)
          throw new Error(`Not within ${ms} ms; there are: ${spans.map(({ name }) => name)}`)
        await Promise.race([
          once(arrived, 'arrived', { signal }).catch(() => undefined),
          once(signal, 'abort'),
        ])
      }
      return spans
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

/** The official definitions, read once, at first use. */
let definitions: protobuf.Root | undefined

function messageType(signal: 'trace' | 'metrics', name: string): protobuf.Type {
  if (definitions === undefined) {
    const folder = new URL('.', import.meta.resolve('@elastic/mockotlpserver/package.json'))
    definitions = new protobuf.Root()
    definitions.resolvePath = (_from, file) => fileURLToPath(new URL(file, folder))
    definitions.loadSync(
      ['trace', 'metrics'].map(
        (part) => `opentelemetry/proto/collector/${part}/v1/${part}_service.proto`,
      ),
    )
  }
  return definitions.lookupType(`opentelemetry.proto.collector.${signal}.v1.${name}`)
}

/** The parts of an ExportTraceServiceRequest that tests look at. */
interface TraceMessage {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string }
      readonly spans?: readonly SpanMessage[]
    }[]
  }[]
}

interface SpanMessage {
  readonly traceId: Uint8Array
  readonly spanId: Uint8Array
  readonly parentSpanId?: Uint8Array
  readonly name: string
  readonly kind: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly KeyValue[]
  readonly status?: { readonly code?: string; readonly message?: string }
  readonly events?: readonly { readonly name: string }[]
  readonly links?: readonly { readonly traceId: Uint8Array; readonly spanId: Uint8Array }[]
}

interface KeyValue {
  readonly key: string
  readonly value?: AnyValue
}

interface AnyValue {
  readonly stringValue?: string
  readonly intValue?: string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
}

interface MetricsMessage {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly { readonly name: string }[] }[]
  }[]
}

function decode(type: protobuf.Type, body: Uint8Array): unknown {
  return type.toObject(type.decode(body), { longs: String, enums: String })
}

function decodeSpans(body: Uint8Array): DecodedSpan[] {
  const message = decode(messageType('trace', 'ExportTraceServiceRequest'), body) as TraceMessage
  return (message.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId ?? new Uint8Array()),
        name: span.name,
        kind: span.kind,
        startTime: Number(span.startTimeUnixNano) / 1e6,
        endTime: Number(span.endTimeUnixNano) / 1e6,
        attributes: record(span.attributes),
        status: {
          code: span.status?.code ?? 'STATUS_CODE_UNSET',
          message: span.status?.message ?? '',
        },
        events: (span.events ?? []).map(({ name }) => name),
        links: (span.links ?? []).map((link) => ({
          traceId: hex(link.traceId),
          spanId: hex(link.spanId),
        })),
        resource: record(resource?.attributes),
        scope: scope?.name ?? '',
      })),
    ),
  )
}

function decodeMetricNames(body: Uint8Array): string[] {
  const type = messageType('metrics', 'ExportMetricsServiceRequest')
  const message = decode(type, body) as MetricsMessage
  return (message.resourceMetrics ?? []).flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) => metrics.map(({ name }) => name)),
  )
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const record = (attributes: readonly KeyValue[] = []): Readonly<Record<string, DecodedValue>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))

function plain(value: AnyValue | undefined): DecodedValue {
  if (value?.intValue !== undefined) return Number(value.intValue)
  if (value?.arrayValue) return (value.arrayValue.values ?? []).map(plain)
  return value?.stringValue ?? value?.doubleValue ?? value?.boolValue
}
