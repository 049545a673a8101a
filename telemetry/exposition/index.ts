import { type PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  DataPointType,
  type HistogramMetricData,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { contentTypes, type Exposition, type ExpositionFormat } from './format.ts'
import { headsIn } from './heads.ts'
import { histogramWriter } from './histogram.ts'
import { withUnit } from './names.ts'
import { paced } from './paced.ts'
import { withLabelNames } from './resource.ts'

// No prefix, no timestamps, no resource labels; with target_info, without labels of the scope.
const serializer = () => new PrometheusSerializer('', false, undefined, false, true)

/**
 * Makes the function that writes all metrics in one of Prometheus' formats. exporter-prometheus does
 * not append units (open-telemetry/opentelemetry-js#3466) and knows no OpenMetrics, so the collected
 * data is renamed first, and the text made over after; what goes out over OTLP keeps the
 * conventions' names.
 *
 * Who asks at the same time gets the same answer: a flood of scrapers costs what a few do.
 */
export function expositionOf(
  reader: PrometheusExporter,
): (format: ExpositionFormat) => Promise<Exposition> {
  const text = serializer()
  const writeHistogram = histogramWriter(serializer())

  async function write(format: ExpositionFormat): Promise<Exposition> {
    const { resourceMetrics } = await reader.collect()
    const metrics = metricsOf(resourceMetrics)
    const others = text.serialize({
      resource: withLabelNames(resourceMetrics.resource),
      scopeMetrics: [{ scope: { name: '' }, metrics: metrics.filter((one) => !isHistogram(one)) }],
    })
    const histograms = metrics.filter(isHistogram).map((metric) => writeHistogram(metric, format))
    const all = headsIn(format, ended(others)) + histograms.join('')
    return {
      body: format === 'openmetrics' ? `${all}# EOF\n` : all,
      contentType: contentTypes[format],
    }
  }

  const scrapes = {
    text: paced(() => write('text')),
    openmetrics: paced(() => write('openmetrics')),
  }
  return (format) => scrapes[format]()
}

/** All metrics that have a value; their scopes are not told apart. */
const metricsOf = ({ scopeMetrics }: ResourceMetrics): readonly MetricData[] =>
  scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ dataPoints }) => dataPoints.length > 0)
    .map(withUnit)

const isHistogram = (metric: MetricData): metric is HistogramMetricData =>
  metric.dataPointType === DataPointType.HISTOGRAM

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`)
