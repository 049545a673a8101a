/** Schemas of the API's document, in words and by example. */

/** A JSON Schema, as far as it is shown. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly examples?: readonly Example[]
}

/** A value of JSON. */
export type Example =
  | null
  | boolean
  | number
  | string
  | readonly Example[]
  | { readonly [name: string]: Example }

type Schemas = Readonly<Record<string, Schema>>

const named = ($ref: string, schemas: Schemas): Schema =>
  schemas[$ref.split('/').at(-1) ?? ''] ?? {}

/**
 * An example of a schema: its own, else made of those of its parts; undefined where a part has none.
 * A choice is shown by its first that has one, a list by one item.
 */
export function exampleOf(schema: Schema, schemas: Schemas): Example | undefined {
  if (schema.$ref !== undefined) return exampleOf(named(schema.$ref, schemas), schemas)
  const [example] = schema.examples ?? []
  if (example !== undefined) return example
  if (schema.const !== undefined) return schema.const as Example
  if (schema.items !== undefined) {
    const item = exampleOf(schema.items, schemas)
    return item === undefined ? undefined : [item]
  }
  if (schema.properties !== undefined) return objectOf(schema.properties, schemas)
  if (Array.isArray(schema.type)) return schema.type.includes('null') ? null : undefined
  const [first] = (schema.anyOf ?? []).flatMap((choice) => exampleOf(choice, schemas) ?? [])
  return first
}

function objectOf(
  properties: Readonly<Record<string, Schema>>,
  schemas: Schemas,
): Example | undefined {
  const made: Record<string, Example> = {}
  for (const [name, schema] of Object.entries(properties)) {
    const example = exampleOf(schema, schemas)
    if (example === undefined) return undefined
    made[name] = example
  }
  return made
}

/** What a value may be, in a few words. */
export function shownType(schema: Schema): string {
  const { $ref, type, format, enum: words, const: word, items, anyOf } = schema
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? ''
  if (words !== undefined) return words.map((one) => `\`${String(one)}\``).join(', ')
  if (word !== undefined) return `\`${String(word)}\``
  if (items !== undefined) return `list of ${shownType(items)}${upTo(schema.maxItems, 'entries')}`
  if (anyOf !== undefined) return anyOf.map(shownType).join(' or ')
  const kinds = typeof type === 'string' ? [type] : [...(type ?? ['anything'])]
  return [
    `${format ?? kinds.join(' or ')}${range(schema)}`,
    ...(schema.default === undefined ? [] : [`${String(schema.default)} by default`]),
  ].join(', ')
}

function range({ minimum, maximum, minLength, maxLength }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minLength !== undefined && maxLength !== undefined)
    return ` of ${minLength} to ${maxLength} characters`
  return upTo(maxLength, 'characters')
}

const upTo = (most: number | undefined, what: string): string =>
  most === undefined ? '' : ` of ${most} ${what} at most`
