/** Links from a panel into Jaeger, by way of Grafana's Explore. */
import { jaeger } from './datasources.ts'

/** Which traces a link looks for. */
export interface TraceSearch {
  /** What the link says. @default Traces */
  readonly title?: string
  /** The name of a span, which may hold the {@linkcode label} of the series that was clicked. */
  readonly operation?: string
  /** Attributes of a span, as `error=true`. */
  readonly tags?: string
  /** The shortest that is looked for: `500ms`. */
  readonly slowerThan?: string
}

/** A link of a panel. */
export interface Link {
  readonly title: string
  readonly url: string
}

/** A search for traces of the time that the dashboard shows. */
export function tracesLink({ title = 'Traces', operation, tags, slowerThan }: TraceSearch): Link {
  const search = {
    queryType: 'search',
    service: 'caly',
    ...(operation !== undefined && { operation }),
    ...(tags !== undefined && { tags }),
    ...(slowerThan !== undefined && { minDuration: slowerThan }),
    limit: 50,
  }
  return { title, url: explore(search) }
}

/** A label of the series that was clicked. */
export const label = (name: string): string => variable(`__field.labels.${name}`)

/** The one trace whose id is the value that was clicked. */
export const traceOfValue = (): Link => ({
  title: 'Trace',
  url: explore({ query: variable('__value.raw') }),
})

/** What that trace left in the audit trail, on the dashboard that has it. */
export const trailOfValue = (): Link => ({
  title: 'What it left in the audit trail',
  url: `/d/caly-security?var-trace_id=${variable('__value.raw')}&from=${variable('__from')}&to=${variable('__to')}`,
})

/** A variable of Grafana: in a link its value is put in percent-encoded. */
export const variable = (name: string): string => `\${${name}}`

function explore(query: object): string {
  const pane = {
    datasource: jaeger.uid,
    queries: [{ refId: 'A', datasource: jaeger, ...query }],
    range: { from: variable('__from'), to: variable('__to') },
  }
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded(JSON.stringify({ caly: pane }))}`
}

/** Percent-encoded, but for Grafana's variables. */
const encoded = (text: string): string =>
  text
    .split(/(\$\{[\w.]+\})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('')
