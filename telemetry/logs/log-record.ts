import {
  type Attributes,
  type LogRecord,
  ROOT_CONTEXT,
  SeverityNumber,
  TraceFlags,
  trace,
} from '@opentelemetry/api'

/** The log's levels in OpenTelemetry's scale. */
const severities: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
}

/**
 * Makes a line of the log, which is JSON and redacted, into a log record: its time, level and message
 * are the record's own, its trace is the record's context, and an error goes by the names of the
 * conventions. All else is an attribute under the name that it has in the log.
 *
 * @throws {SyntaxError} for a line that is no JSON
 */
export function logRecordOf(line: string): LogRecord {
  const { level, time, msg, trace_id, span_id, trace_flags, error, ...fields } = JSON.parse(
    line,
  ) as Attributes
  const severityText = typeof level === 'string' ? level : undefined
  const timestamp = typeof time === 'string' ? Date.parse(time) : undefined
  const isRequest = typeof fields['method'] === 'string' && fields['durationMs'] !== undefined
  return {
    ...(timestamp !== undefined && { timestamp }),
    ...(severityText !== undefined && {
      severityText,
      severityNumber: severities[severityText] ?? SeverityNumber.UNSPECIFIED,
    }),
    ...(typeof msg === 'string' && { body: msg }),
    ...(isRequest && { eventName: 'caly.request' }),
    attributes: { ...fields, ...exceptionOf(error) },
    context: contextOf(trace_id, span_id, trace_flags),
  }
}

function contextOf(traceId: unknown, spanId: unknown, flags: unknown) {
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return ROOT_CONTEXT
  const traceFlags = flags === '01' ? TraceFlags.SAMPLED : TraceFlags.NONE
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags })
}

/** The conventions have no place for a cause: it stays beside what they name. */
function exceptionOf(error: unknown): Attributes {
  if (error === undefined) return {}
  if (!isMap(error)) return { error }
  const { type, message, stack, ...rest } = error
  return {
    ...(type !== undefined && { 'exception.type': type }),
    ...(message !== undefined && { 'exception.message': message }),
    ...(stack !== undefined && { 'exception.stacktrace': stack }),
    ...(Object.keys(rest).length > 0 && { error: rest }),
  }
}

const isMap = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
