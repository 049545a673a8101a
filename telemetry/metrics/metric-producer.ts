import { type HrTime, ValueType } from '@opentelemetry/api'
import { hrTime, type InstrumentationScope } from '@opentelemetry/core'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  type MetricProducer,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics'
import type { QueryMetrics } from '../queries/query-metrics.ts'
import { methodName } from '../requests/http-method.ts'
import type { RequestMetrics } from '../requests/request-metrics.ts'
import type { SeriesSet } from './series.ts'

/** Hands what is counted here to the SDK's readers, as if its own instruments had counted it. */
export function metricProducer(
  requests: RequestMetrics,
  queries: QueryMetrics,
  scope: InstrumentationScope,
): MetricProducer {
  const startTime = hrTime()
  return {
    async collect() {
      const times = { startTime, endTime: hrTime() }
      const metrics = [
        histogram(
          'http.server.request.duration',
          'Duration of HTTP server requests.',
          requests.durations,
          times,
        ),
        activeRequests(requests, times),
        histogram(
          'http.server.request.body.size',
          'Size of HTTP server request bodies.',
          requests.bytesIn,
          times,
          'By',
        ),
        histogram(
          'http.server.response.body.size',
          'Size of HTTP server response bodies.',
          requests.bytesOut,
          times,
          'By',
        ),
        histogram(
          'db.client.operation.duration',
          'Duration of database client operations.',
          queries.durations,
          times,
        ),
      ].filter(({ dataPoints }) => dataPoints.length > 0)
      // The reader keeps its own resource.
      const resourceMetrics = { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }
      return { resourceMetrics, errors: [] }
    },
  }
}

interface Times {
  readonly startTime: HrTime
  readonly endTime: HrTime
}

const histogram = (
  name: string,
  description: string,
  series: SeriesSet,
  times: Times,
  unit: 's' | 'By' = 's',
): HistogramMetricData => ({
  descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
  aggregationTemporality: AggregationTemporality.CUMULATIVE,
  dataPointType: DataPointType.HISTOGRAM,
  dataPoints: Array.from(series, ({ attributes, counts, count, sum, exemplars }) => ({
    ...times,
    attributes,
    exemplars,
    value: {
      buckets: { boundaries: [...series.boundaries], counts: [...counts] },
      count,
      sum,
    },
  })),
})

const activeRequests = (requests: RequestMetrics, times: Times): SumMetricData => ({
  descriptor: {
    name: 'http.server.active_requests',
    description: 'Number of active HTTP server requests.',
    unit: '{request}',
    valueType: ValueType.INT,
  },
  aggregationTemporality: AggregationTemporality.CUMULATIVE,
  dataPointType: DataPointType.SUM,
  isMonotonic: false,
  dataPoints: requests.active().map(({ method, scheme, count }) => ({
    ...times,
    attributes: { 'http.request.method': methodName(method), 'url.scheme': scheme },
    value: count,
  })),
})
