import { TraceFlags } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { ProtobufWriter } from './protobuf-writer.ts'
import type { SpanTemplate, TemplatedSpan } from './span-template.ts'

/** Bits of `Span.flags` beside the trace's own: whether it is known that the parent is remote, and is. */
const remoteIsKnown = 0x100
const isRemote = 0x200

/**
 * Writes a span as one of a `ScopeSpans` message (OTLP's trace.proto). A span's trace state is left
 * out: none is taken from strangers.
 */
export function writeSpan(writer: ProtobufWriter, span: TemplatedSpan): void {
  const { traceId, spanId, traceFlags } = span.spanContext()
  const parent = span.parentSpanContext
  const message = writer.begin(2)
  writer.hex(1, traceId)
  writer.hex(2, spanId)
  if (parent) writer.hex(4, parent.spanId)
  if (span.template === undefined) writeKind(writer, span)
  else {
    span.template.written ??= writtenKind(span.template)
    writer.raw(span.template.written)
    if (span.ownAttributes) writer.attributes(9, span.ownAttributes)
  }
  writer.nanoseconds(7, span.startTime)
  writer.nanoseconds(8, span.endTime)
  count(writer, 10, span.droppedAttributesCount)
  for (const { name, time, attributes, droppedAttributesCount = 0 } of span.events) {
    const event = writer.begin(11)
    writer.nanoseconds(1, time)
    writer.text(2, name)
    if (attributes) writer.attributes(3, attributes)
    count(writer, 4, droppedAttributesCount)
    writer.end(event)
  }
  count(writer, 12, span.droppedEventsCount)
  for (const { context, attributes, droppedAttributesCount = 0 } of span.links) {
    const link = writer.begin(13)
    writer.hex(1, context.traceId)
    writer.hex(2, context.spanId)
    if (attributes) writer.attributes(4, attributes)
    count(writer, 5, droppedAttributesCount)
    writer.fixed32(6, flagsOf(context.traceFlags, context.isRemote))
    writer.end(link)
  }
  count(writer, 14, span.droppedLinksCount)
  const { code, message: description } = span.status
  const status = writer.begin(15)
  if (description) writer.text(2, description)
  count(writer, 3, code)
  writer.end(status)
  writer.fixed32(16, flagsOf(traceFlags, parent?.isRemote))
  writer.end(message)
}

/** What spans may have in common. */
function writeKind(
  writer: ProtobufWriter,
  { name, kind, attributes }: Pick<ReadableSpan, 'name' | 'kind' | 'attributes'>,
): void {
  writer.text(5, name)
  // OTLP's kinds begin with one for "unspecified".
  writer.uint(6, kind + 1)
  writer.attributes(9, attributes)
}

function writtenKind(template: SpanTemplate): Uint8Array {
  const writer = new ProtobufWriter(512)
  writeKind(writer, template)
  return writer.written().slice()
}

/** Nought is what a field says that is not there. */
function count(writer: ProtobufWriter, field: number, value: number): void {
  if (value > 0) writer.uint(field, value)
}

const flagsOf = (traceFlags: TraceFlags, remote = false): number =>
  (traceFlags & 0xff) | remoteIsKnown | (remote ? isRemote : TraceFlags.NONE)

/** The spans of one scope, written by {@linkcode writeSpan}. */
export interface WrittenSpans {
  readonly scope: InstrumentationScope
  readonly spans: Uint8Array
}

/** Writes a whole `ExportTraceServiceRequest`, of spans of one resource. */
export function writeTraceRequest(
  writer: ProtobufWriter,
  resource: Resource,
  scopes: readonly WrittenSpans[],
): void {
  const resourceSpans = writer.begin(1)
  const resourceMessage = writer.begin(1)
  writer.attributes(1, resource.attributes)
  writer.end(resourceMessage)
  for (const { scope, spans } of scopes) {
    const scopeSpans = writer.begin(2)
    const scopeMessage = writer.begin(1)
    writer.text(1, scope.name)
    if (scope.version !== undefined) writer.text(2, scope.version)
    writer.end(scopeMessage)
    writer.raw(spans)
    if (scope.schemaUrl !== undefined) writer.text(3, scope.schemaUrl)
    writer.end(scopeSpans)
  }
  writer.end(resourceSpans)
}
