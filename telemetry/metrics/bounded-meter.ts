import type { Attributes, Meter } from '@opentelemetry/api'
import { keyOf, overflow, seriesLimit } from './series-limit.ts'

/**
 * A meter whose instruments keep to a number of series for good. The SDK's own limit begins anew at
 * each collection (three scrapes with 3000 new values each left 5998 series in memory), so a value
 * that others make up, such as a status of another service, could grow without an end. Attributes of
 * observable instruments are enumerated by code, and pass.
 */
export function boundedMeter(meter: Meter): Meter {
  const bounded: Meter = Object.create(meter)
  bounded.createCounter = (name, options) => {
    const counter = meter.createCounter(name, options)
    const within = seriesBound()
    return { add: (value, attributes, at) => counter.add(value, within(attributes), at) }
  }
  bounded.createUpDownCounter = (name, options) => {
    const counter = meter.createUpDownCounter(name, options)
    const within = seriesBound()
    return { add: (value, attributes, at) => counter.add(value, within(attributes), at) }
  }
  bounded.createHistogram = (name, options) => {
    const histogram = meter.createHistogram(name, options)
    const within = seriesBound()
    return { record: (value, attributes, at) => histogram.record(value, within(attributes), at) }
  }
  bounded.createGauge = (name, options) => {
    const gauge = meter.createGauge(name, options)
    const within = seriesBound()
    return { record: (value, attributes, at) => gauge.record(value, within(attributes), at) }
  }
  return bounded
}

/** Makes the function that lets attributes pass which are known, or for which there is room. */
function seriesBound(): (attributes: Attributes | undefined) => Attributes {
  const known = new Set<string>()
  return (attributes = {}) => {
    // One place in the code names them in one order; where it is another, they count twice.
    const key = keyOf(attributes)
    if (known.has(key)) return attributes
    if (known.size >= seriesLimit) return overflow
    known.add(key)
    return attributes
  }
}
