import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheus } from './datasources.ts'
import { type Panel, panel } from './panel.ts'
import { plainLink } from './plain-link.ts'

/** A dashboard as its file describes it. */
export interface Board {
  /** Its address: `/d/caly-service`. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Under a heading each. */
  readonly rows: Readonly<Record<string, readonly Panel[]>>
  /** Whether its requests can be narrowed to some routes. @default false */
  readonly byRoute?: boolean
  /** Whether a trace can be asked about. @default false */
  readonly byTrace?: boolean
}

/** Builds a dashboard that Grafana shows; the same bytes each time. */
export function dashboard({ uid, title, description, rows, byRoute, byTrace }: Board): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['caly'])
    .editable()
    .refresh('30s')
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(otherDashboards())
    .withVariable(variable('instance', 'Instance', 'label_values(up{job="caly"}, instance)', '.+'))
  if (byRoute)
    // Requests that no route took have no such label: all of them are more than those of all routes.
    board.withVariable(
      variable(
        'route',
        'Route',
        'label_values(http_server_request_duration_seconds_count{job="caly"}, http_route)',
        '.*',
      ),
    )
  if (byTrace)
    board.withVariable(
      new TextBoxVariableBuilder('trace_id').label('Trace').defaultValue('').options([]),
    )
  let id = 0
  for (const [heading, panels] of Object.entries(rows)) {
    board.withRow(new RowBuilder(heading).id(++id))
    for (const spec of panels) board.withPanel(panel(spec, ++id))
  }
  return board.build()
}

const otherDashboards = () =>
  plainLink(
    new DashboardLinkBuilder('Caly')
      .type(DashboardLinkType.Dashboards)
      .tags(['caly'])
      .asDropdown(false)
      .includeVars(true)
      .keepTime(true),
  )

const variable = (name: string, label: string, query: string, all: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(prometheus)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(all)
    .current({ text: ['All'], value: ['$__all'] })
