/** A JSON Schema, as far as it is looked at. */
interface Described {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly items?: unknown
  readonly anyOf?: readonly unknown[]
}

/**
 * The beginning of a path that a schema knows. What comes after it are names that the client made
 * up, which no answer repeats.
 */
export function knownPath(
  document: unknown,
  at: readonly (string | number)[],
): readonly (string | number)[] {
  const known: (string | number)[] = []
  let schemas: readonly unknown[] = [document]
  for (const step of at) {
    schemas = schemas.flatMap(alternatives).flatMap((schema) => inside(schema, step))
    if (schemas.length === 0) break
    known.push(step)
  }
  return known
}

/**
 * Whether a schema has a field of this name, with dots where it is nested.
 *
 * @param document a JSON Schema; anything else has none
 */
export function isDeclared(document: unknown, name: string): boolean {
  const steps = name.split('.', mostSteps + 1)
  return steps.length <= mostSteps && knownPath(document, steps).length === steps.length
}

/** Levels of a field's name that are looked at: no schema of an API goes deeper. */
const mostSteps = 16

const isDescribed = (schema: unknown): schema is Described =>
  typeof schema === 'object' && schema !== null

function alternatives(schema: unknown): readonly unknown[] {
  return isDescribed(schema) && schema.anyOf ? schema.anyOf.flatMap(alternatives) : [schema]
}

function inside(schema: unknown, step: string | number): unknown[] {
  if (!isDescribed(schema)) return []
  if (typeof step === 'number') return schema.items === undefined ? [] : [schema.items]
  const { properties = {} } = schema
  return Object.hasOwn(properties, step) ? [properties[step]] : []
}
