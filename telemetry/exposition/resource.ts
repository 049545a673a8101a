import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'

/**
 * A resource whose attributes go by the names that labels have. `OTEL_RESOURCE_ATTRIBUTES` can hold
 * `a.b` and `a_b`, or a name that begins with a digit: as labels, either fails the whole scrape.
 * Values of names that become one are joined by `;`, as the specification has it.
 */
export function withLabelNames(resource: Resource): Resource {
  const labels = new Map<string, string>()
  for (const [name, value] of Object.entries(resource.attributes).sort(byName)) {
    const label = name.replace(/[^a-z0-9]+/gi, '_').replace(/^(?=\d)/, '_')
    const before = labels.get(label)
    labels.set(label, before === undefined ? String(value) : `${before};${value}`)
  }
  return resourceFromAttributes(Object.fromEntries(labels))
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1
