import { isObject, type Json, mapValues } from './json.ts'

/** The schemas of a document that have a name of their own. */
export interface SchemaBook {
  /** A schema as the document shows it: a reference where it, or a part of it, has a title. */
  readonly enter: (schema: Json) => Json
  /** What goes under `components.schemas`, by title. */
  readonly entries: () => Json
}

/** Keywords that hold values, not schemas. */
const valueKeywords = new Set(['examples', 'enum', 'const', 'default'])

/** Standard Schema's own property is not JSON Schema; nor is what we carry along for the document. */
const foreign = new Set(['~standard', 'x-media-type', 'x-optional', 'x-or-problem'])

/**
 * Gives schemas with a title a place of their own, so that a generated client has a type by that
 * name, and spells in short what arktype spells out.
 */
export function schemaBook(): SchemaBook {
  const named = new Map<string, Json>()

  const enter = (schema: Json): Json => {
    const plain = shorten(mapValues(withoutForeign(schema), inside))
    const { title } = plain
    if (typeof title !== 'string') return plain
    const known = named.get(title)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(plain))
      throw new Error(`Two schemas have the title ${title}`)
    named.set(title, plain)
    return { $ref: `#/components/schemas/${title}` }
  }
  const inside = (value: unknown, key: string): unknown => {
    if (valueKeywords.has(key)) return value
    if (Array.isArray(value)) return value.map((item) => (isObject(item) ? enter(item) : item))
    return isObject(value) ? enter(value) : value
  }
  return {
    enter,
    entries: () =>
      Object.fromEntries([...named].sort(([one], [other]) => one.localeCompare(other, 'en'))),
  }
}

const isTextChoice = ({ type, enum: choices }: Json): boolean =>
  type === undefined &&
  Array.isArray(choices) &&
  choices.every((choice) => typeof choice === 'string')

const withoutForeign = (schema: Json): Json =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !foreign.has(key)))

function shorten(schema: Json): Json {
  const { anyOf, ...rest } = schema
  // Some who read the document show a choice without a type as one of anything.
  if (isTextChoice(schema)) return { type: 'string', ...schema }
  if (!Array.isArray(anyOf)) return schema
  // arktype lists the nil and max UUIDs beside the pattern of all others.
  if (rest['format'] === 'uuid') return { type: 'string', format: 'uuid' }
  const types = anyOf.map((item) =>
    isObject(item) && Object.keys(item).length === 1 ? item['type'] : undefined,
  )
  return types.every((type) => typeof type === 'string') ? { ...rest, type: types } : schema
}
