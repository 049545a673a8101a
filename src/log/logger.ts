import { format } from 'node:util'
import { isSpanContextValid, type Span, type SpanContext, trace } from '@opentelemetry/api'
import pino from 'pino'
import { currentRequest } from '../hooks/request-context/index.ts'
import { redact, redactText } from '../redaction/index.ts'
import { logContext } from './context.ts'
import { type LogDestination, logDestination } from './destination.ts'
import { escapeJsonLine } from './escape.ts'
import { KnownFields, quoted } from './known-fields.ts'
import { prettyLine } from './pretty.ts'

/** Options of {@linkcode createLog}. */
export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly format: 'json' | 'pretty'
  /** Whether `pretty` may use colors. @default false */
  readonly colored?: boolean
  /** Takes bytes without blocking, and tells how many. */
  readonly write: (bytes: Uint8Array) => Promise<number>
  /** Values of the configuration that must not stand in any line. @default none */
  readonly secrets?: readonly string[]
}

/** What writes lines. Pino's children are left out: their fields would come past the redaction. */
export interface Logger
  extends Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'isLevelEnabled'> {
  /** Writes fields that are clean already, past pino: for what is written with each request. */
  known(level: 'info' | 'warn' | 'error', fields: KnownFields, message: string): void
}

/** A process's log. */
export interface Log {
  readonly logger: Logger
  /** Lines that found no room, since the start. */
  lost(): number
  /** Resolves when all lines are written, or the time is up. @param timeout milliseconds */
  flush(timeout: number): Promise<void>
  /** From now on gives each line, as JSON, to one more. @param listener must not throw */
  copyTo(listener: (line: string) => void): void
}

/** Characters of a message. */
const messageLimit = 4096

/**
 * The process's log: one line an event, redacted by names and by content, and with no character
 * that could forge another. Within a request each line carries its id, within a job its name, and
 * within a span `trace_id`, `span_id` and `trace_flags` (OpenTelemetry's names for logs outside of
 * OTLP). Writing never waits: see {@linkcode logDestination}.
 */
export function createLog(options: LogOptions): Log {
  const { level, colored = false, secrets = [] } = options
  const shape = (line: string) =>
    options.format === 'pretty' ? prettyLine(line, colored) : escapeJsonLine(line)
  const destination: LogDestination = logDestination({
    write: options.write,
    lostLine: (lines) =>
      shape(
        JSON.stringify({
          level: 'warn',
          time: new Date().toISOString(),
          lines,
          msg: `${lines} lines were lost`,
        }),
      ),
  })
  let copy: ((line: string) => void) | undefined
  const clean = (value: unknown) => redact(value, { secrets })
  const sink = {
    write(line: string) {
      destination.write(shape(line))
      copy?.(line)
    },
  }
  const writer = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: context,
      hooks: {
        logMethod([first, ...rest]: unknown[], method) {
          const hasFields = typeof first === 'object' && first !== null
          const [message, ...values] = hasFields ? rest : [first, ...rest]
          const text =
            typeof message !== 'string'
              ? undefined
              : redactText(
                  values.length === 0 ? message : format(message, ...values.map(clean)),
                  messageLimit,
                  secrets,
                )
          if (!hasFields) method.call(this, text ?? '')
          else method.call(this, fieldsOf(first, clean), text)
        },
      },
    },
    sink,
  )
  const known: Logger['known'] = (lineLevel, fields, message) => {
    if (!writer.isLevelEnabled(lineLevel)) return
    const line = knownLine(lineLevel, fields, message)
    destination.write(options.format === 'pretty' ? prettyLine(line, colored) : line)
    copy?.(line)
  }
  return {
    logger: Object.assign(writer, { known }),
    lost: destination.lost,
    flush: destination.flush,
    copyTo(listener) {
      copy = listener
    },
  }
}

/** The line that pino would write, by its own names and in its order. */
const knownLine = (level: string, { members }: KnownFields, message: string): string =>
  `{"level":"${level}","time":"${timeNow()}"${contextMembers()}${members},"msg":${quoted(message)}}\n`

function fieldsOf(first: object, clean: (value: unknown) => unknown): object {
  const cleaned = clean(first instanceof Error ? { error: first } : first)
  return typeof cleaned === 'object' && cleaned !== null ? cleaned : { value: cleaned }
}

/** Flags other than sampled and not are rare, and cost no string each time. */
const spelledFlags = ['00', '01'] as const

function context(): object {
  const requestId = currentRequest()?.id
  const span = identityOf(trace.getActiveSpan())
  const work = logContext()
  const fields: Record<string, unknown> = { ...work }
  if (requestId !== undefined) fields['requestId'] = requestId
  if (span !== undefined) {
    fields['trace_id'] = span.traceId
    fields['span_id'] = span.spanId
    fields['trace_flags'] = flagsOf(span)
  }
  return fields
}

/** The same as members of a JSON object. Ids are of a form that needs no escape. */
function contextMembers(): string {
  const requestId = currentRequest()?.id
  const span = identityOf(trace.getActiveSpan())
  const work = logContext()
  let members = work === undefined ? '' : new KnownFields(work).members
  if (requestId !== undefined) members += `,"requestId":"${requestId}"`
  if (span !== undefined)
    members += `,"trace_id":"${span.traceId}","span_id":"${span.spanId}","trace_flags":"${flagsOf(span)}"`
  return members
}

/**
 * Where no spans are sent, some have no identity: all zeros would tie strangers together. And what
 * is none, of a span that is not ours, must not stand in a line as it is.
 */
function identityOf(span: Span | undefined): SpanContext | undefined {
  const identity = span?.spanContext()
  return identity !== undefined && isSpanContextValid(identity) ? identity : undefined
}

const flagsOf = ({ traceFlags }: SpanContext): string =>
  spelledFlags[traceFlags] ?? traceFlags.toString(16).padStart(2, '0')

let lastMoment = 0
let lastTime = ''

/** The time of day as RFC 3339 has it: many lines are of the same millisecond. */
function timeNow(): string {
  const moment = Date.now()
  if (moment !== lastMoment) {
    lastMoment = moment
    lastTime = new Date(moment).toISOString()
  }
  return lastTime
}
