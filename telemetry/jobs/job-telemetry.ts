import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  createNoopMeter,
  isSpanContextValid,
  type MeterProvider,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { errorTypeOf } from '../error-type.ts'
import { BoundedNames } from '../metrics/series.ts'
import { durationBoundaries } from '../requests/request-metrics.ts'
import { formatTraceparent, isSampled, parseTraceparent } from '../requests/trace-context.ts'
import type { Telemetry } from '../telemetry.ts'

/** What {@linkcode jobTelemetry} makes: an observer in the shape that the jobs ask for. */
export interface JobTelemetry {
  /** Around the sending of a job, which resolves with its id or, where none was added, null. */
  onSend(queue: string, send: () => Promise<string | null>): Promise<string | null>
  /** Around one attempt at a job. */
  onProcess(
    queue: string,
    job: { readonly id: string; readonly attempt: number },
    run: () => Promise<void>,
  ): Promise<void>
  /** For pg-boss: it keeps the trace, and makes no spans or metrics of its own. */
  readonly origin: {
    readonly enabled: boolean
    readonly propagateContext?: boolean
    readonly propagator?: TextMapPropagator
    readonly tracerProvider?: TracerProvider
    readonly meterProvider?: MeterProvider
  }
}

/** Errors have the names of classes, which a library could make up as it runs. */
const errorTypeLimit = 50

/**
 * Traces and measures jobs by the messaging conventions.
 *
 * Sending is a span `send {queue}`, within a sampled trace only: what a clock sends has none. Each
 * attempt begins a trace of its own with a span `process {queue}`, sampled as any trace that begins
 * here, and linked to the sending span where that was kept. Not its child: a job may run hours
 * later, and several times. Looking for jobs is no span, nor is what pg-boss does with the outcome.
 *
 * pg-boss's own telemetry continues the sender's trace, begins one for each job it ticks off, and
 * puts `JobFailure` for every failure. So it gets providers that do nothing, and only keeps the
 * `traceparent` in the column that it has for it.
 */
export function jobTelemetry({
  meter,
  tracerProvider,
  exportsTraces,
}: Pick<Telemetry, 'meter' | 'tracerProvider' | 'exportsTraces'>): JobTelemetry {
  const tracer = tracerProvider.getTracer('caly')
  const errorTypes = new BoundedNames(errorTypeLimit)
  const count = (name: string, description: string) =>
    meter.createCounter(`messaging.client.${name}.messages`, { unit: '{message}', description })
  const sent = count('sent', 'Jobs that were sent.')
  const consumed = count('consumed', 'Attempts at jobs that were begun.')
  const durations = meter.createHistogram('messaging.process.duration', {
    unit: 's',
    description: 'Duration of attempts at jobs.',
    advice: { explicitBucketBoundaries: [...durationBoundaries] },
  })
  const ofError = (error: unknown): Attributes => ({
    'error.type': errorTypes.admit(errorTypeOf(error)),
  })

  return {
    async onSend(queue, send) {
      const attributes = attributesOf('send', queue)
      const parent = context.active()
      const span = isSampled(parent)
        ? tracer.startSpan(`send ${queue}`, { kind: SpanKind.PRODUCER, attributes }, parent)
        : undefined
      try {
        const id = await within(parent, span, send)
        if (id !== null) {
          sent.add(1, attributes)
          span?.setAttribute('messaging.message.id', id)
        }
        return id
      } catch (error) {
        sent.add(1, { ...attributes, ...ofError(error) })
        if (span !== undefined) fail(span, error)
        throw error
      } finally {
        span?.end()
      }
    },

    async onProcess(queue, { id, attempt }, run) {
      const attributes = attributesOf('process', queue)
      const origin = originOf(context.active())
      const span = tracer.startSpan(
        `process ${queue}`,
        {
          kind: SpanKind.CONSUMER,
          attributes: { ...attributes, 'messaging.message.id': id, 'caly.job.attempt': attempt },
          links: origin === undefined ? [] : [{ context: origin }],
        },
        ROOT_CONTEXT,
      )
      consumed.add(1, attributes)
      const startedAt = performance.now()
      const seconds = () => (performance.now() - startedAt) / 1000
      try {
        await within(ROOT_CONTEXT, span, run)
        durations.record(seconds(), attributes)
      } catch (error) {
        durations.record(seconds(), { ...attributes, ...ofError(error) })
        fail(span, error)
        throw error
      } finally {
        span.end()
      }
    },

    origin: exportsTraces
      ? {
          enabled: true,
          propagateContext: true,
          propagator: originPropagator,
          // Without a delegate its tracers do nothing.
          tracerProvider: new ProxyTracerProvider(),
          meterProvider: { getMeter: () => createNoopMeter() },
        }
      : { enabled: false },
  }
}

/** Few series: queues are known when the code is written. */
const attributesOf = (operation: 'send' | 'process', queue: string) => ({
  'messaging.system.name': 'pgboss',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': queue,
})

/** Where no spans go anywhere they have no identity, and none is to stand in the log. */
const within = <T>(parent: Context, span: Span | undefined, work: () => Promise<T>): Promise<T> => {
  const isOne = span !== undefined && isSpanContextValid(span.spanContext())
  return context.with(isOne ? trace.setSpan(parent, span) : parent, work)
}

const fail = (span: Span, error: unknown): void => {
  span.setAttribute('error.type', errorTypeOf(error)).setStatus({ code: SpanStatusCode.ERROR })
}

const originKey = createContextKey('caly: where a job came from')

/** The sending span of the job at hand, kept where it is nobody's parent. */
function originOf(context: Context) {
  const traceparent = context.getValue(originKey)
  return typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined
}

/**
 * What pg-boss keeps with a job: the sending span, if it is kept itself. It comes back beside the
 * context's span and not as that: else what pg-boss does while a job runs (signs of life) would hang
 * under the request that sent it.
 */
const originPropagator: TextMapPropagator = {
  inject(context, carrier, setter) {
    const sender = trace.getSpanContext(context)
    if (sender !== undefined && isSampled(context))
      setter.set(carrier, 'traceparent', formatTraceparent(sender))
  },
  extract: (context, carrier, getter) =>
    context.setValue(originKey, getter.get(carrier, 'traceparent')),
  fields: () => ['traceparent'],
}
