/** `caly/telemetry`: a span and a measurement for each request, and `/metrics`. Loads the OpenTelemetry SDK. */
import process from 'node:process'
import { type AnyElysia, Elysia } from 'elysia'
import {
  disabledTelemetry,
  type RequestTelemetryOptions,
  requestTelemetry,
  type Telemetry,
} from '#telemetry/index.ts'
import { startNodeTelemetry } from '#telemetry/node-sdk.ts'
import { AuthenticationError } from '../errors.ts'
import { expositionResponses, operatorsOnly } from '../health/index.ts'
import { everywhere, hasRoute } from '../hooks/everywhere.ts'
import { clientAddressOf, currentRequest, peerSources } from '../hooks/request-context/index.ts'
import { redactText } from '../redaction/index.ts'

export type { Telemetry } from '#telemetry/index.ts'

/** Options of {@linkcode processTelemetry}. */
export interface TelemetryStartOptions {
  /** `service.name`. @default 'app' */
  readonly serviceName?: string
  /** `service.version`. @default '0.0.0' */
  readonly version?: string
  /** `deployment.environment.name`. @default 'development' */
  readonly environment?: string
  /** Tells the replicas apart: `service.instance.id`. @default a random one */
  readonly instanceId?: string
  /**
   * Whether spans are sent over OTLP, to where `OTEL_EXPORTER_OTLP_ENDPOINT` says.
   * @default whether that variable, or the one for traces, is set
   */
  readonly exportTraces?: boolean
  /** Whether metrics are sent over OTLP, too. @default false: they are read from `/metrics` */
  readonly exportMetrics?: boolean
  /** The share of requests that are traced, from 0 to 1. @default 1 */
  readonly sampleRatio?: number
}

/** Options of {@linkcode telemetry}. */
export interface TelemetryOptions extends TelemetryStartOptions, RequestTelemetryOptions {
  /**
   * The bearer token of whoever may read `/metrics`.
   * @default only direct connections from this machine may
   */
  readonly metricsToken?: string
  /** Where the metrics are read; false for nowhere. @default '/metrics' */
  readonly metricsPath?: string | false
}

let running: Telemetry | undefined

/** Characters of a span's text that are looked at for secrets. */
const spanTextLimit = 4096

/**
 * The process's telemetry: started at the first call, whose options count. With
 * `OTEL_SDK_DISABLED=true` nothing is measured or sent.
 *
 * @throws {TelemetryError} if another OpenTelemetry SDK is registered in this process
 */
export function processTelemetry(options: TelemetryStartOptions = {}): Telemetry {
  const { serviceName = 'app', version = '0.0.0', environment = 'development' } = options
  const { instanceId = crypto.randomUUID(), exportMetrics = false, sampleRatio = 1 } = options
  const { exportTraces = hasCollector() } = options
  if (process.env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') running ??= disabledTelemetry()
  running ??= startNodeTelemetry({
    settings: {
      disabled: false,
      serviceName,
      environment,
      exportTraces,
      exportMetrics,
      exportLogs: false,
      sampler: 'parentbased_traceidratio',
      samplerRatio: sampleRatio,
    },
    version,
    instanceId,
    redact: (text) => redactText(text, spanTextLimit),
  })
  return running
}

const hasCollector = (): boolean =>
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    (name) => (process.env[name] ?? '') !== '',
  )

/** What is known of a client where no request context was made. */
const strangerOf = (request: Request) => ({
  clientAddress: clientAddressOf(request),
  forwarded: request.headers.has('x-forwarded-for') || request.headers.has('forwarded'),
})

/** Milliseconds for what is queued, when the app stops. */
const stopTime = 2000

/**
 * Traces and measures every request, and shows the metrics to a scraper: to whoever has the token, or
 * to this very machine. There is one telemetry in a process, however many apps use it.
 *
 * @throws {TelemetryError} if another OpenTelemetry SDK is registered in this process
 */
export function telemetry(options: TelemetryOptions = {}) {
  const { metricsPath = '/metrics' } = options
  const measured = processTelemetry(options)
  const plugin = new Elysia({ name: 'caly/telemetry' })
    .use(requestTelemetry(measured, options))
    .onStop(() => measured.shutdown(stopTime))
  const reach = everywhere(plugin)
  return (app: AnyElysia): typeof plugin => {
    // Elysia puts a later route in the place of one that has its path: the first token is the one.
    if (metricsPath !== false && !hasRoute(app, metricsPath))
      app.use(metricsRoute(measured, metricsPath, options.metricsToken))
    return reach(app)
  }
}

function metricsRoute(measured: Telemetry, path: string, token: string | undefined) {
  const answer = expositionResponses(measured.exposition)
  return new Elysia({ name: 'caly/metrics', seed: path })
    .use(peerSources())
    .use(
      operatorsOnly({
        token,
        trustLoopback: token === undefined,
        authenticate: () =>
          Promise.reject(
            new AuthenticationError('AUTHENTICATION_REQUIRED', 'Metrics need their token'),
          ),
        onDenied: () => Promise.resolve(),
        onGranted: () => Promise.resolve(),
        context: (request) => currentRequest() ?? strangerOf(request),
      }),
    )
    .get(path, ({ request }) => answer(request), { detail: { hide: true } })
}
