import { context, createNoopMeter, type Span, trace } from '@opentelemetry/api'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { errorTypeOf, isSqlState } from '../error-type.ts'
import { isSampled } from '../requests/trace-context.ts'
import type { Telemetry } from '../telemetry.ts'
import { querySummaries } from './query-summary.ts'

/** A client in the shape of `pg`'s, as far as instrumentation reads it. */
interface PgShaped {
  readonly connectionParameters: {
    readonly database: string
    readonly host?: string | undefined
    readonly port?: number | undefined
  }
}

/** A class whose `query` takes what `pg`'s does, and returns a promise. */
export interface PgShapedClass {
  readonly prototype: {
    query(...args: never[]): Promise<unknown>
  }
}

/** Classes that were instrumented, with their own `query`: the newest telemetry takes over. */
const originals = new WeakMap<PgShapedClass, PgShapedClass['prototype']['query']>()

/**
 * Traces and measures the queries of a client class: spans by `@opentelemetry/instrumentation-pg`,
 * set right where it leaves the conventions (name, summary, operation, what failed), and
 * `db.client.operation.duration` for all.
 *
 * A query has a span within a request's or a job's sampled trace only: what polls would begin a trace
 * every second, and what is written for many requests at once belongs to none of them. Its text goes
 * into the span without literals, parameters never do.
 *
 * @param Client its `query` is replaced, once for all instances
 */
export function instrumentQueries(
  {
    queries,
    tracerProvider,
    exportsTraces,
  }: Pick<Telemetry, 'queries' | 'tracerProvider' | 'exportsTraces'>,
  Client: PgShapedClass,
): void {
  const query = originals.get(Client) ?? Client.prototype.query
  originals.set(Client, query)
  Client.prototype.query = query
  if (queries === undefined) return

  const summarize = querySummaries()
  // Handed over by the hook below, which runs just before the query it speaks of.
  let opened: Span | undefined
  function measured(this: PgShaped, ...args: unknown[]) {
    const span = opened
    opened = undefined
    const startedAt = performance.now()
    const run = (): Promise<unknown> => Reflect.apply(query, this, args)
    // What the pool says of its wait, and the log of a slow query, belongs to this span.
    const result =
      span === undefined ? run() : context.with(trace.setSpan(context.active(), span), run)
    const end = (error?: unknown) => {
      const { operation, summary } = summarize(textOf(args[0]))
      const { database: namespace, host: address, port } = this.connectionParameters
      const errorType = error === undefined ? undefined : errorTypeOf(error)
      const seconds = (performance.now() - startedAt) / 1000
      queries?.ended({
        ...{ operation, summary, namespace, address, port, errorType, seconds },
        span: span?.spanContext(),
      })
      if (errorType !== undefined) span?.setAttributes(failureAttributes(errorType))
    }
    result.then(() => end(), end)
    return result
  }
  Client.prototype.query = measured
  if (!exportsTraces) return

  const instrumentation = new PgInstrumentation({
    // Enabled, it would hook into every import of this process.
    enabled: false,
    ignoreConnectSpans: true,
    requestHook(span, { query: { text } }) {
      opened = span
      const { operation, table, summary, text: safeText } = summarize(text)
      span.updateName(summary).setAttributes({
        'db.query.summary': summary,
        'db.operation.name': operation,
        'db.query.text': safeText,
        ...(table !== undefined && { 'db.collection.name': table }),
      })
    },
  })
  instrumentation.setTracerProvider(tracerProvider)
  // Its histogram would stand beside ours, under the same name.
  instrumentation.setMeterProvider({ getMeter: () => createNoopMeter() })
  for (const definition of instrumentation.getModuleDefinitions())
    if (definition.name === 'pg') definition.patch?.({ Client })

  const traced = Client.prototype.query
  // The instrumentation itself asks for any span: an unsampled one costs it as much as a sampled one.
  Client.prototype.query = function query(this: PgShaped, ...args: unknown[]) {
    return Reflect.apply(isSampled(context.active()) ? traced : measured, this, args)
  }
}

const textOf = (statement: unknown): string => {
  if (typeof statement === 'string') return statement
  return typeof statement === 'object' && statement !== null && 'text' in statement
    ? String(statement.text)
    : ''
}

const failureAttributes = (errorType: string) => ({
  'error.type': errorType,
  ...(isSqlState(errorType) && { 'db.response.status_code': errorType }),
})
