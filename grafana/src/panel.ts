/** A panel as the dashboards describe it, and what Grafana makes of it. */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DashboardLink,
  DashboardLinkBuilder,
  type Panel as GrafanaPanel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import {
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { postgres, prometheus } from './datasources.ts'
import { plainLink } from './plain-link.ts'
import { type MetricQuery, metricQuery, sqlQuery } from './queries.ts'
import { type TraceSearch, traceOfValue, tracesLink, trailOfValue } from './traces.ts'

interface Described {
  readonly title: string
  /** One of Grafana's ids of units. */
  readonly unit: string
  /** What is seen. */
  readonly shows: string
  /** What to do when it looks bad. */
  readonly act: string
  /** Where it leads in Jaeger. */
  readonly traces: TraceSearch
  /** Of 24 columns. @default 8, a single figure 4, a table 24 */
  readonly width?: number
}

/** A panel over metrics. */
export interface MetricPanel extends Described {
  readonly as: 'graph' | 'figure' | 'heatmap'
  readonly queries: readonly MetricQuery[]
  /** From where on it is bad: orange, then red. Where the second is smaller, less is worse. */
  readonly bad?: readonly [orange: number, red: number]
}

/** A panel over a statement; `$__timeFilter(column)` and `$__timeGroup(column, …)` are Grafana's. */
export interface SqlPanel extends Described {
  readonly as: 'table' | 'events'
  readonly sql: string
  /** Units of columns that have another one. */
  readonly units?: Readonly<Record<string, string>>
}

/** What a dashboard is made of. */
export type Panel = MetricPanel | SqlPanel

/** Of 24 columns. */
const figureWidth = 4
const tableWidth = 24

/** Builds a panel that Grafana shows. */
export function panel(spec: Panel, id: number): Builder<GrafanaPanel> {
  switch (spec.as) {
    case 'graph':
      return described(graph(spec), spec, id, 8)
    case 'figure':
      return described(figure(spec), spec, id, figureWidth)
    case 'heatmap':
      return described(heatmap(spec), spec, id, 8)
    case 'table':
      return described(table(spec), spec, id, tableWidth)
    case 'events':
      return described(events(spec), spec, id, 12)
  }
}

/** What the builders of all kinds of panels have in common. */
interface AnyPanelBuilder extends Builder<GrafanaPanel> {
  id(id: number): this
  title(title: string): this
  description(description: string): this
  unit(unit: string): this
  span(columns: number): this
  height(rows: number): this
  links(links: Builder<DashboardLink>[]): this
  dataLinks(links: Builder<DashboardLink>[]): this
}

function described<Made extends AnyPanelBuilder>(
  made: Made,
  spec: Described,
  id: number,
  width: number,
): Made {
  const { title, unit, shows, act, traces } = spec
  const { title: says, url } = tracesLink(traces)
  const link = plainLink(new DashboardLinkBuilder(says).url(url).targetBlank(true))
  // A series' labels are known where one was clicked, and not in the panel's own menu.
  const ofSeries = url.includes('__field')
  const linked = ofSeries ? made : made.links([link])
  // In a table each cell would be a link; there the column `trace_id` is one.
  return (width === tableWidth ? linked : linked.dataLinks([link]))
    .id(id)
    .title(title)
    .description(`${shows}\n\n**When it looks bad:** ${act}`)
    .unit(unit)
    .span(spec.width ?? width)
    .height(width === figureWidth ? 4 : 8)
}

const thresholds = (bad: MetricPanel['bad']) => {
  if (bad === undefined)
    return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([step(null, 'green')])
  const [orange, red] = bad
  const steps =
    orange < red
      ? [step(null, 'green'), step(orange, 'orange'), step(red, 'red')]
      : [step(null, 'red'), step(red, 'orange'), step(orange, 'green')]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps)
}

const step = (value: number | null, color: string) => ({ value, color })

const names = (index: number) => String.fromCharCode(65 + index)

const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([])

const tooltip = () =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending)

const graph = ({ queries, bad }: MetricPanel) =>
  new TimeseriesBuilder()
    .datasource(prometheus)
    .targets(queries.map((query, index) => metricQuery(query, names(index), 'range')))
    .thresholds(thresholds(bad))
    .fillOpacity(8)
    .axisSoftMin(0)
    .legend(legend())
    .tooltip(tooltip())

const figure = ({ queries, bad }: MetricPanel) =>
  new StatBuilder()
    .datasource(prometheus)
    .targets(queries.map((query, index) => metricQuery(query, names(index), 'instant')))
    .thresholds(thresholds(bad))
    .colorMode(bad ? BigValueColorMode.Value : BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))

const heatmap = ({ queries, unit }: MetricPanel) =>
  new HeatmapBuilder()
    .datasource(prometheus)
    .targets(queries.map((query, index) => metricQuery(query, names(index), 'heatmap')))
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .hideLegend()

function table({ sql, units = {} }: SqlPanel) {
  const made = new TableBuilder().datasource(postgres).withTarget(sqlQuery(sql, 'table'))
  for (const [column, unit] of Object.entries(units))
    made.overrideByName(column, [{ id: 'unit', value: unit }])
  return made.overrideByName('trace_id', [{ id: 'links', value: [traceOfValue(), trailOfValue()] }])
}

const events = ({ sql }: SqlPanel) =>
  new TimeseriesBuilder()
    .datasource(postgres)
    .withTarget(sqlQuery(sql, 'time_series'))
    .fillOpacity(40)
    .drawStyle(GraphDrawStyle.Bars)
    .axisSoftMin(0)
    .legend(legend())
    .tooltip(tooltip())
