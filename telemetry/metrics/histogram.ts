import type { SpanContext } from '@opentelemetry/api'

/** A value recorded within a sampled trace: the way from a bucket to a trace that shows it. */
export interface Exemplar {
  readonly traceId: string
  readonly spanId: string
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** A histogram with fixed buckets: the state of one series, without the SDK's cost per record. */
export interface HistogramCell {
  /** How many values fell into each bucket; one more than there are boundaries. */
  readonly counts: number[]
  /** The last one of each bucket; undefined as long as no trace was sampled. */
  exemplars?: (Exemplar | undefined)[] | undefined
  count: number
  sum: number
  max: number
}

/** An empty cell for the given number of boundaries. */
export const histogramCell = (boundaries: readonly number[]): HistogramCell => ({
  counts: new Array<number>(boundaries.length + 1).fill(0),
  exemplars: undefined,
  count: 0,
  sum: 0,
  max: 0,
})

/**
 * Counts a value. A bucket holds what is at most its boundary, as OpenTelemetry has it.
 *
 * @param span of a sampled trace: it becomes the bucket's exemplar
 */
export function record(
  cell: HistogramCell,
  boundaries: readonly number[],
  value: number,
  span?: SpanContext,
): void {
  let bucket = 0
  while (bucket < boundaries.length && value > (boundaries[bucket] as number)) bucket++
  cell.counts[bucket] = (cell.counts[bucket] as number) + 1
  cell.count++
  cell.sum += value
  if (value > cell.max) cell.max = value
  if (span === undefined) return
  const { traceId, spanId } = span
  cell.exemplars ??= new Array<undefined>(boundaries.length + 1).fill(undefined)
  // Not the span's context itself: that can hold on to a whole request.
  cell.exemplars[bucket] = { traceId, spanId, value, time: Date.now() }
}

/** Adds one cell to another of the same boundaries; exemplars stay where they are. */
export function merge(into: HistogramCell, cell: HistogramCell): void {
  for (const [bucket, count] of cell.counts.entries())
    into.counts[bucket] = (into.counts[bucket] as number) + count
  into.count += cell.count
  into.sum += cell.sum
  if (cell.max > into.max) into.max = cell.max
}

/**
 * Estimates a quantile the way Prometheus' `histogram_quantile` does: values are taken to lie evenly
 * within their bucket. Never more than the largest value seen.
 *
 * @param q from 0 to 1
 * @returns undefined for an empty cell
 */
export function quantile(
  { counts, count, max }: HistogramCell,
  boundaries: readonly number[],
  q: number,
): number | undefined {
  if (count === 0) return undefined
  const rank = q * count
  let below = 0
  for (const [bucket, inside] of counts.entries()) {
    if (inside > 0 && below + inside >= rank) {
      const lower = bucket === 0 ? 0 : (boundaries[bucket - 1] as number)
      const upper = boundaries[bucket] ?? max
      return Math.min(max, lower + ((upper - lower) * (rank - below)) / inside)
    }
    below += inside
  }
  return max
}
