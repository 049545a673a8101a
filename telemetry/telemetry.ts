import type { Meter, MeterProvider, TracerProvider } from '@opentelemetry/api'
import type { Config } from '../src/config.ts'
import type { OnTrouble } from './diagnostics.ts'
import type { Exposition } from './exposition/format.ts'
import type { Instruments } from './instruments/index.ts'
import type { PerformanceFigures } from './process/performance.ts'
import type { QueryMetrics } from './queries/query-metrics.ts'
import type { RequestRecorder } from './requests/request-recorder.ts'

/** What {@linkcode startTelemetry} needs. */
export interface TelemetryOptions {
  readonly settings: Omit<Config['telemetry'], 'environment'> & {
    /** `deployment.environment.name` */
    readonly environment: string
  }
  /** Of this service. */
  readonly version: string
  /** Tells the replicas apart. */
  readonly instanceId: string
  /**
   * Takes secrets out of the texts that handlers put on a request's span.
   * @default they are kept as they are
   */
  readonly redact?: (text: string) => string
  /** @default nobody is told: trouble is only counted, in `caly.telemetry.complaints` */
  readonly onTrouble?: OnTrouble
}

/** A process's telemetry: what others measure with, and what is known of the measurements. */
export interface Telemetry {
  /** False with `OTEL_SDK_DISABLED`: every part is there then, and does nothing. */
  readonly enabled: boolean
  /** For instruments beside those of {@linkcode instruments}. */
  readonly meter: Meter
  readonly meterProvider: MeterProvider
  readonly tracerProvider: TracerProvider
  readonly instruments: Instruments
  /** What {@linkcode requestTelemetry} feeds; undefined when disabled, so that nothing is wrapped. */
  readonly requests: RequestRecorder | undefined
  /** What {@linkcode instrumentQueries} feeds; undefined when disabled. */
  readonly queries: QueryMetrics | undefined
  /** Whether spans go anywhere: without an endpoint none are made. */
  readonly exportsTraces: boolean
  /**
   * Takes lines of the log, redacted JSON, where they go out over OTLP; undefined where they do not.
   * Returns at once and never throws.
   */
  readonly writeLog: ((line: string) => void) | undefined
  /**
   * All metrics, for a scraper.
   *
   * @param accept its `Accept` header. @default Prometheus' text format
   */
  exposition(accept?: string | null): Promise<Exposition>
  /** Figures for people and probes, as numbers. */
  performance(): PerformanceFigures
  /**
   * Sends what is queued and stops. Never rejects.
   *
   * @param timeout milliseconds after which it returns, whatever the collector does
   */
  shutdown(timeout: number): Promise<void>
}
