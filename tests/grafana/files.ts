/** The files that Grafana and Prometheus read, as tests look at them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../grafana/', import.meta.url)

/** The path of a file of grafana/. */
export const grafanaFile = (name: string): string => fileURLToPath(new URL(name, folder))

/** A file of grafana/, as it is. */
export const readGrafana = (name: string): string => readFileSync(grafanaFile(name), 'utf8')

/** The dashboards, by file name without its ending. */
export const dashboardNames = ['service', 'database', 'security', 'calls'] as const

/** A link of a panel or of a field. */
export interface Link {
  readonly title: string
  readonly url?: string
}

/** A panel as Grafana has it, as far as tests look at it. */
export interface BuiltPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly datasource?: { readonly uid: string }
  readonly links?: readonly Link[]
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly links?: readonly Link[] }
  }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr?: string
    readonly exemplar?: boolean
    readonly rawSql?: string
    readonly datasource: { readonly uid: string }
  }[]
}

/** A dashboard as it lies in grafana/dashboards. */
export interface BuiltDashboard {
  readonly uid: string
  readonly title: string
  readonly panels: readonly BuiltPanel[]
  readonly templating: { readonly list: readonly { readonly name: string }[] }
}

/** A dashboard's file, parsed. */
export const dashboard = (name: string): BuiltDashboard =>
  JSON.parse(readGrafana(`dashboards/${name}.json`)) as BuiltDashboard

/** Its panels, without the headings. */
export const panels = (name: string): readonly BuiltPanel[] =>
  dashboard(name).panels.filter(({ type }) => type !== 'row')

/** A rule of alerts.yml. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** All rules. */
export function rules(): readonly Rule[] {
  const { groups } = Bun.YAML.parse(readGrafana('alerts.yml')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[]
  }
  return groups.flatMap(({ rules }) => rules)
}

/** The alarms among them. */
export const alarms = (): readonly (Rule & { readonly alert: string })[] =>
  rules().filter((rule): rule is Rule & { readonly alert: string } => rule.alert !== undefined)
