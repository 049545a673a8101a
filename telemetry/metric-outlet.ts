import { getNumberFromEnv } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import {
  type MetricProducer,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'

/**
 * Where metrics go over OTLP, every minute. The SDK's reader itself reads none of the specification's
 * variables, and throws where a timeout is longer than the interval.
 */
export function metricOutlet(metricProducers: MetricProducer[]): MetricReader {
  const exportIntervalMillis = milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000)
  const exportTimeoutMillis = milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000)
  return new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    metricProducers,
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportTimeoutMillis, exportIntervalMillis),
  })
}

/** What is no positive number counts as not said, as the specification has it. */
function milliseconds(name: string, usual: number): number {
  const said = getNumberFromEnv(name) ?? usual
  return said > 0 ? said : usual
}
