import { trace } from '@opentelemetry/api'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import { currentRequest } from './hooks/request-context/index.ts'

export type { Logger } from 'pino'

/** Options of {@linkcode createLogger}. */
export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'json' | 'pretty'
  /** Where lines go. @default the standard output */
  readonly destination?: NodeJS.WritableStream
}

/**
 * The process's log: one line an event. Within a request each line carries its id, and within a
 * span `trace_id`, `span_id` and `trace_flags` (OpenTelemetry's names for logs outside of OTLP).
 */
export function createLogger({ level, format, destination }: LoggerOptions): Logger {
  const stream = destination ?? process.stdout
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: serializeError },
      mixin: context,
    },
    format === 'pretty'
      ? pretty({ destination: stream, colorize: 'isTTY' in stream, ignore: 'trace_flags' })
      : stream,
  )
}

function context(): object {
  const requestId = currentRequest()?.id
  const span = trace.getActiveSpan()?.spanContext()
  return {
    ...(requestId !== undefined && { requestId }),
    ...(span && {
      trace_id: span.traceId,
      span_id: span.spanId,
      trace_flags: `0${span.traceFlags.toString(16)}`,
    }),
  }
}

/** How many causes down an error is told; a longer chain is a loop. */
const maxCauses = 5

/** An error with its causes: name, code and stack. */
function serializeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code } = error as { readonly code?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    stack: error.stack,
    ...(error.cause !== undefined &&
      depth < maxCauses && { cause: serializeError(error.cause, depth + 1) }),
  }
}
