import { diag, type MeterProvider } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
} from '@opentelemetry/sdk-logs'
import { positiveFromEnv } from '../environment.ts'
import { logRecordOf } from './log-record.ts'

/** What a {@linkcode LogOutlet} needs. */
export interface LogOutletOptions {
  readonly exporter: LogRecordExporter
  readonly resource: Resource
  readonly scope: InstrumentationScope
  /** Counts what the queue holds and drops. */
  readonly meterProvider: MeterProvider
}

/**
 * Where lines of the log go beside standard output: in batches to the collector. The queue is bounded
 * and nobody waits for it; what finds no room is dropped and counted, as
 * `otel.sdk.processor.log.processed` with `error.type` `queue_full`.
 */
export class LogOutlet {
  readonly #provider: LoggerProvider
  readonly #emit: (line: string) => void

  /** `OTEL_BLRP_*` says otherwise; 2048 lines, the SDK's own queue, are soon full of requests. */
  constructor({ exporter, resource, scope, meterProvider }: LogOutletOptions) {
    const processor = new BatchLogRecordProcessor({
      exporter,
      maxQueueSize: positiveFromEnv(8192, 'OTEL_BLRP_MAX_QUEUE_SIZE'),
      maxExportBatchSize: positiveFromEnv(2048, 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE'),
      scheduledDelayMillis: positiveFromEnv(1000, 'OTEL_BLRP_SCHEDULE_DELAY'),
      exportTimeoutMillis: positiveFromEnv(30_000, 'OTEL_BLRP_EXPORT_TIMEOUT'),
      selfObsMeterProvider: meterProvider,
    })
    const attributeValueLengthLimit = positiveFromEnv(
      undefined,
      'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
      'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    )
    this.#provider = new LoggerProvider({
      resource,
      processors: [processor],
      // What the log itself leaves of a text is bounded: by default no more is cut off.
      ...(attributeValueLengthLimit !== undefined && {
        logRecordLimits: { attributeValueLengthLimit },
      }),
    })
    const logger = this.#provider.getLogger(scope.name, scope.version)
    this.#emit = (line) => logger.emit(logRecordOf(line))
  }

  /** Takes a line of JSON. Never throws: the log must not fail because of its copy. */
  readonly write = (line: string): void => {
    try {
      this.#emit(line)
    } catch (error) {
      diag.error('A line of the log could not be copied', error)
    }
  }

  /** Sends what is queued; later lines go nowhere. */
  shutdown(): Promise<void> {
    return this.#provider.shutdown()
  }
}
