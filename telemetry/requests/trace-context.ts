import {
  type Context,
  isSpanContextValid,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api'

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * Reads a `traceparent` header (W3C Trace Context, level 1 and later ones as they ask for).
 * `tracestate` is left aside on purpose: it is a stranger's data, and would be passed on.
 *
 * @returns undefined where there is none that can be used; a new trace begins then
 */
export function parseTraceparent(header: string | null): SpanContext | undefined {
  if (header === null || header.length < 55 || header.length > 512) return undefined
  const [, version, traceId = '', spanId = '', flags = '', rest] = traceparent.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined))
    return undefined
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  const parent: SpanContext = { traceId, spanId, traceFlags, isRemote: true }
  return isSpanContextValid(parent) ? parent : undefined
}

/** Writes a `traceparent` that {@linkcode parseTraceparent} reads. */
export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`

/** Whether work in a context belongs to a trace that is kept: what is not needs no spans. */
export function isSampled(context: Context): boolean {
  const flags = trace.getSpanContext(context)?.traceFlags ?? TraceFlags.NONE
  return (flags & TraceFlags.SAMPLED) !== 0
}
