import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { postgres, prometheus } from './datasources.ts'

/** A query of a panel, in PromQL, and the name of its series. */
export interface MetricQuery {
  readonly expr: string
  /** `{{label}}` stands for a label's value. */
  readonly legend: string
}

/** The query of a metric, with the traces that Prometheus keeps as exemplars. */
export const metricQuery = (
  { expr, legend }: MetricQuery,
  refId: string,
  shape: 'range' | 'instant' | 'heatmap',
): DataqueryBuilder => {
  const query = new DataqueryBuilder()
    .refId(refId)
    .datasource(prometheus)
    .expr(expr)
    .legendFormat(legend)
    .exemplar(shape !== 'instant')
  if (shape === 'heatmap') return query.range().format(PromQueryFormat.Heatmap)
  return shape === 'instant' ? query.instant() : query.range()
}

/** A query in SQL; the SDK has none for PostgreSQL. */
export const sqlQuery = (sql: string, format: 'table' | 'time_series'): Builder<Dataquery> => ({
  build() {
    const query = { editorMode: 'code', rawQuery: true, rawSql: sql, format }
    const made = { refId: 'A', datasource: postgres, ...query }
    return made as Dataquery & typeof made
  },
})
