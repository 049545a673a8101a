import { type PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { type Exposition, textFormat } from './exposition-format.ts'

/** UCUM's units as Prometheus spells them. Units in braces only annotate, and are left out. */
const unitWords: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  By: 'bytes',
  '1': 'ratio',
}

/** Names that Prometheus has for what the conventions call otherwise, and lints (a gauge's `_count`). */
const names: Readonly<Record<string, string>> = {
  'process.unix.file_descriptor.count': 'process.open_fds',
  'caly.process.max_fds': 'process.max_fds',
}

// No prefix, no timestamps, no resource labels; with target_info, without labels of the scope.
const serializer = () => new PrometheusSerializer('', false, undefined, false, true)

/**
 * Makes the function that writes all metrics in Prometheus' text format. exporter-prometheus does
 * not append units (open-telemetry/opentelemetry-js#3466), so the collected data is renamed first;
 * what goes out over OTLP keeps the conventions' names.
 */
export function expositionOf(reader: PrometheusExporter): () => Promise<Exposition> {
  const text = serializer()
  return async () => {
    const { resourceMetrics } = await reader.collect()
    const { resource } = resourceMetrics
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0).map(withUnit),
    }))
    return { body: ended(text.serialize({ resource, scopeMetrics })), contentType: textFormat }
  }
}

function withUnit(metric: MetricData): MetricData {
  const { descriptor, dataPointType } = metric
  const isRatio = descriptor.unit === '1'
  const unit =
    isRatio && dataPointType !== DataPointType.GAUGE ? '' : (unitWords[descriptor.unit] ?? '')
  const base = names[descriptor.name] ?? descriptor.name.replace(/\.total$/, '')
  const name = unit === '' || base.endsWith(unit) ? base : `${base}.${unit}`
  return { ...metric, descriptor: { ...descriptor, unit, name } }
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)
