import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import {
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { positiveFromEnv } from '../environment.ts'

/**
 * Where metrics go over OTLP, every minute. The SDK's reader itself reads none of the specification's
 * variables, and throws where a timeout is longer than the interval.
 */
export function metricOutlet(metricProducers: MetricProducer[]): MetricReader {
  const exportIntervalMillis = positiveFromEnv(60_000, 'OTEL_METRIC_EXPORT_INTERVAL')
  const exportTimeoutMillis = positiveFromEnv(30_000, 'OTEL_METRIC_EXPORT_TIMEOUT')
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    metricProducers,
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportTimeoutMillis, exportIntervalMillis),
  })
}
