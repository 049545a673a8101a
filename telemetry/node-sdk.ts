/**
 * The OpenTelemetry SDK, started with everything said: what is left to it, it sends to
 * localhost:4318, and puts the command line and the host's name into the resource.
 */
import { ROOT_CONTEXT, SamplingDecision, SpanKind } from '@opentelemetry/api'
import { getStringFromEnv } from '@opentelemetry/core'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK } from '@opentelemetry/sdk-node'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import { countDiagnostics } from './diagnostics.ts'
import { positiveFromEnv } from './environment.ts'
import { emptyExposition, expositionFormat } from './exposition/format.ts'
import { expositionOf } from './exposition/index.ts'
import { createInstruments } from './instruments/index.ts'
import { LogOutlet } from './logs/log-outlet.ts'
import { boundedMeter } from './metrics/bounded-meter.ts'
import { metricOutlet } from './metrics/metric-outlet.ts'
import { metricProducer } from './metrics/metric-producer.ts'
import { observeBuild } from './process/build-info.ts'
import { monitorEventLoop } from './process/event-loop.ts'
import { performanceFigures } from './process/performance.ts'
import { observeProcess } from './process/process-metrics.ts'
import { QueryMetrics } from './queries/query-metrics.ts'
import { register } from './register.ts'
import { RequestMetrics } from './requests/request-metrics.ts'
import { RequestRecorder } from './requests/request-recorder.ts'
import { requestSampler, rootRatio } from './requests/sampling.ts'
import { resourceOf } from './resource.ts'
import { SpanOutlet } from './spans/span-outlet.ts'
import { otlpTraceSender } from './spans/trace-sender.ts'
import type { Telemetry, TelemetryOptions } from './telemetry.ts'

/** Milliseconds: a collector that has not taken the rest by then, of a healthy one's 50, is gone. */
const lastFlush = 5000

/** Of the time that a stop has left: the rest is for the process's own end. */
const shareOfStop = 0.8

/** Characters of an attribute's value at most: the SDK has no limit of its own. */
const defaultValueLengthLimit = 1024

/**
 * Starts the SDK. Several may run in one process (as tests do): each measures for itself, and the
 * newest is what the API's globals answer with.
 *
 * @throws {TelemetryError} if somebody else's SDK is registered
 */
export function startNodeTelemetry(options: TelemetryOptions): Telemetry {
  const { settings, version, onTrouble } = options
  const resource = resourceOf(options)
  const scope = { name: 'caly', version }
  const requestMetrics = new RequestMetrics()
  const queries = new QueryMetrics()
  const metricProducers = [metricProducer(requestMetrics, queries, scope)]
  const reader = new PrometheusExporter({ preventServerStart: true, metricProducers })
  const outlet = settings.exportTraces ? new SpanOutlet() : undefined
  const root = rootSampler(rootRatio(settings))
  const valueLengthLimit = positiveFromEnv(
    defaultValueLengthLimit,
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  )
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    // The parent of a span in here is always one of ours, already decided.
    sampler: new ParentBasedSampler({
      root,
      remoteParentSampled: root,
      remoteParentNotSampled: root,
    }),
    spanLimits: { attributeValueLengthLimit: valueLengthLimit },
    spanProcessors: outlet ? [outlet] : [],
    metricReaders: settings.exportMetrics ? [reader, metricOutlet(metricProducers)] : [reader],
    logRecordProcessors: [],
    textMapPropagator: null,
  })
  const { tracerProvider, meterProvider } = register(sdk)
  const meter = boundedMeter(meterProvider.getMeter(scope.name, scope.version))
  if (getStringFromEnv('OTEL_LOG_LEVEL') === undefined) countDiagnostics(meter, onTrouble)
  outlet?.open(otlpTraceSender(), resource, meterProvider)
  const eventLoop = monitorEventLoop()
  observeProcess(meter, eventLoop)
  observeBuild(meter, version)
  const logs = settings.exportLogs
    ? new LogOutlet({ exporter: new OTLPLogExporter(), resource, scope, meterProvider })
    : undefined
  const expose = expositionOf(reader)
  let stopped: Promise<unknown> | undefined
  return {
    enabled: true,
    meter,
    meterProvider,
    tracerProvider,
    instruments: createInstruments(meter),
    requests: new RequestRecorder({
      metrics: requestMetrics,
      origin: { resource, scope, valueLengthLimit, redact: options.redact ?? ((text) => text) },
      sampler: outlet ? requestSampler(settings, keeps(rootRatio(settings), root)) : () => false,
      onSpan: (span) => outlet?.onEnd(span),
    }),
    queries,
    exportsTraces: outlet !== undefined,
    writeLog: logs?.write,
    exposition: async (accept) =>
      stopped ? emptyExposition('telemetry has stopped') : expose(expositionFormat(accept)),
    performance: () => performanceFigures(requestMetrics, eventLoop),
    async shutdown(timeout) {
      eventLoop.stop()
      stopped ??= Promise.allSettled([sdk.shutdown(), logs?.shutdown()])
      await within(stopped, Math.min(shareOfStop * timeout, lastFlush))
    },
  }
}

function rootSampler(ratio: number): Sampler {
  if (ratio >= 1) return new AlwaysOnSampler()
  return ratio <= 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio)
}

/** Whether a trace is kept, by its id: where all are, nobody has to be asked. */
const keeps = (ratio: number, sampler: Sampler) => (traceId: string) =>
  ratio >= 1 ||
  sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.SERVER, {}, []).decision ===
    SamplingDecision.RECORD_AND_SAMPLED

/** Waits for a promise that does not reject, but no longer than so many milliseconds. */
async function within(promise: Promise<unknown>, timeout: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeout)
  await Promise.race([promise, late])
  clearTimeout(timer)
}
