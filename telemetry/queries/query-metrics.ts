import type { SpanContext } from '@opentelemetry/api'
import { record } from '../metrics/histogram.ts'
import { BoundedNames, otherName, type Series, SeriesSet } from '../metrics/series.ts'

/** Boundaries of `db.client.operation.duration` in seconds, as the conventions advise. */
const operationBoundaries: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** What one finished query is counted by. */
export interface FinishedQuery {
  /** Verb and table, such as `SELECT calls`. */
  readonly summary: string
  readonly operation: string
  /** The database's name. */
  readonly namespace: string
  readonly address: string | undefined
  readonly port: number | undefined
  /** SQLSTATE or class of the error; undefined for success. */
  readonly errorType: string | undefined
  readonly seconds: number
  /** Its span, if that is sampled: an exemplar. */
  readonly span?: SpanContext | undefined
}

const summaryLimit = 300
const errorTypeLimit = 100

/**
 * Counts queries as `db.client.operation.duration`. instrumentation-pg's own histogram has no
 * `error.type` for calls that return a promise, and names statements by all that comes before the
 * first space.
 */
export class QueryMetrics {
  readonly durations = new SeriesSet(operationBoundaries)
  readonly #bySummary = new Map<string, Map<string | undefined, Series[]>>()
  readonly #summaries = new BoundedNames(summaryLimit)
  readonly #errorTypes = new BoundedNames(errorTypeLimit)

  /** Records how a query ended. */
  ended(query: FinishedQuery): void {
    const known = this.#bySummary.get(query.summary)?.get(query.errorType)
    record(
      known?.find((series) => isOf(series, query)) ?? this.#newSeries(query),
      operationBoundaries,
      query.seconds,
      query.span,
    )
  }

  #newSeries(query: FinishedQuery): Series {
    const summary = this.#summaries.admit(query.summary)
    const error =
      query.errorType === undefined ? undefined : this.#errorTypes.admit(query.errorType)
    const { address, port } = query
    const ofSummary = this.#bySummary.get(summary) ?? new Map<string | undefined, Series[]>()
    const known = ofSummary.get(error) ?? []
    const found = known.find((series) => isOf(series, query))
    if (found) return found
    const series = this.durations.add({
      'db.system.name': 'postgresql',
      'db.namespace': query.namespace,
      'db.operation.name': summary === otherName ? otherName : query.operation,
      'db.query.summary': summary,
      ...(address !== undefined && { 'server.address': address }),
      ...(port !== undefined && { 'server.port': port }),
      ...(error !== undefined && { 'error.type': error }),
    })
    this.#bySummary.set(summary, ofSummary.set(error, [...known, series]))
    return series
  }
}

/** There is one database as a rule: the list that this looks through has one entry. */
const isOf = ({ attributes }: Series, { namespace, address, port }: FinishedQuery): boolean =>
  attributes['db.namespace'] === namespace &&
  attributes['server.address'] === address &&
  attributes['server.port'] === port
