/** The shipped expressions, as they can be evaluated a minute after a start. */
import { alarms, dashboardNames, panels } from '../grafana/files.ts'

/** An expression, and where it stands. */
export interface Expression {
  readonly where: string
  readonly text: string
}

/** What Grafana puts in for its variables: all of them, over a range that holds all that was driven. */
const variables: Readonly<Record<string, string>> = {
  $__rate_interval: '5m',
  $__range: '5m',
  $instance: '.+',
  $route: '.*',
}

/** A zero that is put in where there is nothing shows nothing. */
export const withoutDefaults = (text: string): string => text.replaceAll(/ or vector\(0\)/g, '')

/** Every expression in PromQL of every panel. */
export const panelExpressions = (): readonly Expression[] =>
  everyTarget().flatMap(({ where, expr }) =>
    expr === undefined ? [] : [{ where, text: filledIn(expr) }],
  )

const filledIn = (expr: string): string =>
  withoutDefaults(expr.replaceAll(/\$\w+/g, (name) => variables[name] ?? name))

/** The search for traces that a panel leads to. */
export interface PanelLink {
  readonly where: string
  /** Whose series have the labels that the operation is made of; undefined for a statement. */
  readonly text: string | undefined
  readonly operation: string | undefined
  /** Attributes that spans are searched by. */
  readonly tags: readonly string[]
}

/** Where every panel leads to. */
export const panelLinks = (): readonly PanelLink[] =>
  dashboardNames.flatMap((name) =>
    panels(name).flatMap(({ title, targets: [target] = [], links = [], fieldConfig }) =>
      [...links, ...(fieldConfig?.defaults.links ?? [])].map(({ url = '' }) => {
        const panes = new URLSearchParams(url.split('?')[1]).get('panes') ?? ''
        const { caly } = JSON.parse(panes) as {
          readonly caly: {
            readonly queries: readonly { readonly operation?: string; readonly tags?: string }[]
          }
        }
        const [query] = caly.queries
        const text = target?.expr === undefined ? undefined : filledIn(target.expr)
        const tags = (query?.tags ?? '').split(' ').filter((tag) => tag !== '')
        return {
          where: `${name}: ${title}`,
          text,
          operation: query?.operation,
          tags: tags.map((tag) => tag.split('=')[0] ?? ''),
        }
      }),
    ),
  )

/** Of every alarm what it compares: the expression without its limits. */
export const alarmExpressions = (): readonly Expression[] =>
  alarms().map(({ alert, expr }) => ({
    where: alert,
    text: withoutDefaults(expr.replaceAll(/(?:==|[<>]=?) ?[\d.][\d.e]*(?: \* \d+)*/g, '')),
  }))

/** Every series that an alarm looks at, by itself: beside an `or` one that is not there shows nowhere. */
export const alarmSelectors = (): readonly Expression[] =>
  alarms().flatMap(({ alert, expr }) =>
    [...expr.matchAll(/\bcaly:[\w:]+|\b\w+\{[^}]*\}/g)].map(([selector]) => ({
      where: alert,
      text: `present_over_time(${selector}[5m])`,
    })),
  )

/** Every statement of every panel, with Grafana's macros put in. */
export const panelStatements = (): readonly Expression[] =>
  everyTarget().flatMap(({ where, sql }) =>
    sql === undefined ? [] : [{ where, text: expanded(sql) }],
  )

const everyTarget = () =>
  dashboardNames.flatMap((name) =>
    panels(name).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr, rawSql }) => ({
        where: `${name}: ${title} ${refId}`,
        expr,
        sql: rawSql,
      })),
    ),
  )

/** As Grafana's data source for PostgreSQL does it (pkg/tsdb/grafana-postgresql-datasource/macros.go). */
const expanded = (sql: string): string =>
  sql
    .replace(/\$\{trace_id:sqlstring\}/, '(SELECT max(trace_id) FROM audit_logs)')
    .replaceAll(/\$__timeFilter\((\w+)\)/g, "$1 BETWEEN now() - interval '1 hour' AND now()")
    .replaceAll(
      /\$__timeGroupAlias\((\w+), \$__interval\)/g,
      'floor(extract(epoch from $1) / 60) * 60 AS "time"',
    )
