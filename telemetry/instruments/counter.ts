import type { Attributes, Counter, Meter } from '@opentelemetry/api'
import { keyOf, overflow, seriesLimit } from '../metrics/series-limit.ts'

/** What a counter's series may be told apart by: few values, and none that a client chooses. */
export type CounterAttributes = Readonly<Record<string, string | boolean | undefined>>

interface Cell {
  readonly attributes: Attributes
  value: number
}

/** A counter of which one series can be taken out. */
export interface CellCounter<A extends CounterAttributes> extends Counter<A> {
  /** Counts in one series, for who does so with each request. */
  of(attributes: A): (value: number) => void
}

/**
 * Makes a counter. It counts in cells of its own, which are read at each scrape: a tenth of a
 * microsecond, where the SDK sorts and writes out the attributes each time. One of them is in the
 * way of every request.
 *
 * @param series those to begin at zero: a series that appears with its first event hides that event
 *   from `rate()` and `increase()`
 */
export function counter<A extends CounterAttributes>(
  meter: Meter,
  name: string,
  unit: string,
  description: string,
  series: readonly A[] = [],
): CellCounter<A> {
  const cells = new Map<string, Cell>()
  // Each order of the same attributes leads to the same cell.
  const known = new Map<string, Cell>()
  const cellOf = (attributes: Attributes): Cell => {
    const name = keyOf(attributes)
    const found = known.get(name)
    if (found) return found
    const key = keyOf(sorted(attributes))
    const cell = cells.get(key) ?? { attributes, value: 0 }
    if (!cells.has(key) && cells.size >= seriesLimit && attributes !== overflow)
      return cellOf(overflow)
    cells.set(key, cell)
    known.set(name, cell)
    return cell
  }
  const add = (value: number, attributes: Attributes = {}) => {
    cellOf(attributes).value += value
  }
  meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
    for (const { attributes, value } of cells.values()) result.observe(value, attributes)
  })
  for (const attributes of series) add(0, attributes)
  return {
    add,
    of(attributes) {
      const cell = cellOf(attributes)
      return (value) => {
        cell.value += value
      }
    },
  }
}

const sorted = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )
