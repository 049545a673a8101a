/** Decodes OTLP's requests by the official protobuf definitions. */
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** An attribute's value, out of its envelope. */
export type DecodedValue =
  | string
  | number
  | boolean
  | readonly DecodedValue[]
  | { readonly [name: string]: DecodedValue }
  | undefined

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
  /** Of each as often as it stands there. */
  readonly attributeNames: readonly string[]
  /** `STATUS_CODE_UNSET` and its like. */
  readonly status: { readonly code: string; readonly message: string }
  readonly events: readonly string[]
  /** `exception.type` of its events, where they have one. */
  readonly exceptions: readonly DecodedValue[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly resource: Readonly<Record<string, DecodedValue>>
  readonly scope: string
}

/** A log record as it came in. */
export interface DecodedLog {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** `SEVERITY_NUMBER_INFO` and its like. */
  readonly severity: string
  readonly severityText: string
  readonly body: DecodedValue
  /** Empty for none. */
  readonly eventName: string
  /** Both empty outside of a trace. */
  readonly traceId: string
  readonly spanId: string
  /** Bit 0: the trace is sampled. */
  readonly flags: number
  readonly attributes: Readonly<Record<string, DecodedValue>>
  readonly resource: Readonly<Record<string, DecodedValue>>
}

/** The official definitions, read once, at first use. */
let definitions: protobuf.Root | undefined

function messageType(signal: 'trace' | 'metrics' | 'logs', name: string): protobuf.Type {
  if (definitions === undefined) {
    const folder = new URL('.', import.meta.resolve('@elastic/mockotlpserver/package.json'))
    definitions = new protobuf.Root()
    definitions.resolvePath = (_from, file) => fileURLToPath(new URL(file, folder))
    definitions.loadSync(
      ['trace', 'metrics', 'logs'].map(
        (part) => `opentelemetry/proto/collector/${part}/v1/${part}_service.proto`,
      ),
    )
    // Younger than these definitions (opentelemetry-proto 1.5).
    const record = definitions.lookupType('opentelemetry.proto.logs.v1.LogRecord')
    if (record.fields['eventName'] === undefined)
      record.add(new protobuf.Field('eventName', 12, 'string'))
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
  readonly events?: readonly {
    readonly name: string
    readonly attributes?: readonly KeyValue[]
  }[]
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
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
}

interface LogsMessage {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogMessage[] }[]
  }[]
}

interface LogMessage {
  readonly timeUnixNano: string
  readonly severityNumber?: string
  readonly severityText?: string
  readonly body?: AnyValue
  readonly eventName?: string
  readonly traceId?: Uint8Array
  readonly spanId?: Uint8Array
  readonly flags?: number
  readonly attributes?: readonly KeyValue[]
}

interface MetricsMessage {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly { readonly name: string }[] }[]
  }[]
}

function decode(type: protobuf.Type, body: Uint8Array): unknown {
  return type.toObject(type.decode(body), { longs: String, enums: String })
}

/** The spans of an ExportTraceServiceRequest. */
export function decodeSpans(body: Uint8Array): DecodedSpan[] {
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
        attributeNames: (span.attributes ?? []).map(({ key }) => key),
        status: {
          code: span.status?.code ?? 'STATUS_CODE_UNSET',
          message: span.status?.message ?? '',
        },
        events: (span.events ?? []).map(({ name }) => name),
        exceptions: (span.events ?? []).flatMap(
          ({ attributes }) => record(attributes)['exception.type'] ?? [],
        ),
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

/** How many spans an ExportTraceServiceRequest has, without reading them: for those who get many. */
export function countSpans(body: Uint8Array): number {
  const [resourceSpans, scopeSpans, spans] = [1, 2, 2]
  return [resourceSpans, scopeSpans]
    .reduce((messages, field) => messages.flatMap((message) => nested(message, field)), [body])
    .reduce((sum, message) => sum + nested(message, spans).length, 0)
}

/** The messages in one field of a message. */
function nested(message: Uint8Array, field: number): Uint8Array[] {
  const reader = protobuf.Reader.create(message)
  const found: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag >>> 3 === field) found.push(reader.bytes())
    else reader.skipType(tag & 7)
  }
  return found
}

/** Everything that an ExportTraceServiceRequest says, also what it leaves at its default. */
export function decodeTraceMessage(body: Uint8Array): unknown {
  const type = messageType('trace', 'ExportTraceServiceRequest')
  return type.toObject(type.decode(body), {
    longs: String,
    enums: String,
    bytes: String,
    defaults: true,
  })
}

/** The names of the metrics of an ExportMetricsServiceRequest. */
export function decodeMetricNames(body: Uint8Array): string[] {
  const type = messageType('metrics', 'ExportMetricsServiceRequest')
  const message = decode(type, body) as MetricsMessage
  return (message.resourceMetrics ?? []).flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) => metrics.map(({ name }) => name)),
  )
}

/** The records of an ExportLogsServiceRequest. */
export function decodeLogs(body: Uint8Array): DecodedLog[] {
  const message = decode(messageType('logs', 'ExportLogsServiceRequest'), body) as LogsMessage
  return (message.resourceLogs ?? []).flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map((log) => ({
        time: Number(log.timeUnixNano) / 1e6,
        severity: log.severityNumber ?? '',
        severityText: log.severityText ?? '',
        body: plain(log.body),
        eventName: log.eventName ?? '',
        traceId: hex(log.traceId ?? new Uint8Array()),
        spanId: hex(log.spanId ?? new Uint8Array()),
        flags: log.flags ?? 0,
        attributes: record(log.attributes),
        resource: record(resource?.attributes),
      })),
    ),
  )
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const record = (attributes: readonly KeyValue[] = []): Readonly<Record<string, DecodedValue>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))

function plain(value: AnyValue | undefined): DecodedValue {
  if (value?.intValue !== undefined) return Number(value.intValue)
  if (value?.arrayValue) return (value.arrayValue.values ?? []).map(plain)
  if (value?.kvlistValue) return record(value.kvlistValue.values)
  return value?.stringValue ?? value?.doubleValue ?? value?.boolValue
}
