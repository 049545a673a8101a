import type { Counter, Meter } from '@opentelemetry/api'

/** What a counter's series may be told apart by: few values, and none that a client chooses. */
export type CounterAttributes = Readonly<Record<string, string | boolean | undefined>>

/**
 * Makes a counter.
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
): Counter<A> {
  const made = meter.createCounter<A>(name, { unit, description })
  for (const attributes of series) made.add(0, attributes)
  return made
}
