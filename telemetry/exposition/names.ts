import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'

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

/**
 * The same metric under the name that Prometheus' users expect: with its unit. OpenMetrics fails a
 * whole scrape for a unit that is not the name's last word.
 */
export function withUnit(metric: MetricData): MetricData {
  const { descriptor, dataPointType } = metric
  const isRatio = descriptor.unit === '1'
  const unit =
    isRatio && dataPointType !== DataPointType.GAUGE ? '' : (unitWords[descriptor.unit] ?? '')
  const base = names[descriptor.name] ?? descriptor.name.replace(/\.total$/, '')
  const isLastWord = base.endsWith(`.${unit}`) || base.endsWith(`_${unit}`)
  const name = unit === '' || isLastWord ? base : `${base}.${unit}`
  return { ...metric, descriptor: { ...descriptor, unit, name } }
}
