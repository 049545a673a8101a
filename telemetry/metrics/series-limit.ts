import type { Attributes } from '@opentelemetry/api'

/** Series of one instrument of the SDK at most, which keeps one of its 2000 for what is too many. */
export const seriesLimit = 1999

/** What all that is too many is counted under (the specification's overflow attribute). */
export const overflow = { 'otel.metric.overflow': true }

/** A text for attributes: the same names and values in another order have another. */
export function keyOf(attributes: Attributes): string {
  let key = ''
  for (const name in attributes) key += `${name}\0${attributes[name]}\0`
  return key
}
