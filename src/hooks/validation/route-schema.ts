/** How an arktype schema reaches Elysia (as Standard Schema) and OpenAPI (as JSON Schema). */
import { type Type, type } from 'arktype'
import { compiledWhenHot } from '../../compiled-when-hot.ts'
import type { FieldError } from '../../errors.ts'
import { refusedFaults, schemaFaults } from './faults.ts'
import { InvalidPart, type RequestPart } from './invalid-part.ts'
import { maxEntries } from './limits.ts'
import { RefusedPart } from './refused-part.ts'

/** What Elysia takes on a route: JSON Schema for the document, `~standard` for validation. */
export interface RouteSchema<Output, Input = Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'caly'
    readonly validate: (value: unknown) => { value: Output }
    readonly types?: { readonly input: Input; readonly output: Output }
  }
}

/**
 * Validates a part of a request. Faults are thrown as one {@linkcode InvalidPart} of our own,
 * which names where and what, and never the value: Elysia's carries it (`found`), arktype's
 * messages too (`was …`).
 *
 * @param part where the value stands, for the paths in the answer
 */
export function accepts<const T extends Type<unknown>>(
  part: RequestPart,
  schema: T,
): RouteSchema<T['infer'], T['inferIn']> {
  const document = documentOf(schema)
  const read = compiledWhenHot(schema)
  const isObject = 'type' in document && document.type === 'object'

  /** To arktype a list is an object: one without fields would pass where none is required. */
  const isListForObject = (value: unknown) => isObject && Array.isArray(value)

  function faultsOf(refused: RefusedPart): FieldError[] {
    const faults = refusedFaults(refused, document)
    if (isListForObject(refused.value)) return [{ path: part, ...notObject }, ...faults]
    const result = refused.value === undefined ? undefined : read(refused.value)
    if (!(result instanceof type.errors)) return faults
    // What is said of a place already need not be said in the schema's words, too.
    const told = new Set(faults.map(({ path }) => path))
    const others = schemaFaults(part, result)
    return [...faults, ...others.filter(({ path, code }) => code === 'unknown' || !told.has(path))]
  }

  return {
    ...document,
    '~standard': {
      version: 1,
      vendor: 'caly',
      validate(value) {
        if (value instanceof RefusedPart) throw new InvalidPart(part, faultsOf(value))
        if (isTooWide(value)) throw new InvalidPart(part, [{ path: part, ...tooWide }])
        if (isListForObject(value)) throw new InvalidPart(part, [{ path: part, ...notObject }])
        const result = read(value)
        if (result instanceof type.errors) throw new InvalidPart(part, schemaFaults(part, result))
        return { value: result }
      },
    },
  }
}

const notObject = { code: 'type', message: 'must be an object' } as const

const tooWide = {
  code: 'too_many',
  message: `must not have more than ${maxEntries} fields and items`,
} as const

/**
 * A fault for each of a hundred thousand unknown fields would take half a second to list. Bodies
 * that `bodyLimit` has read are bounded already; this is for those that something else has.
 */
function isTooWide(value: unknown): boolean {
  let left = maxEntries
  const exceeds = (item: unknown): boolean => {
    if (typeof item !== 'object' || item === null) return false
    for (const name in item)
      if (--left < 0 || exceeds((item as Readonly<Record<string, unknown>>)[name])) return true
    return false
  }
  return exceeds(value)
}

/** A body that may be missing altogether, which is then an empty one. */
export const optional = <Output, Input>(
  schema: RouteSchema<Output, Input>,
): RouteSchema<Output, Input> => ({
  ...schema,
  ...{ 'x-optional': true },
  '~standard': {
    ...schema['~standard'],
    validate: (value) => schema['~standard'].validate(value ?? {}),
  },
})

/**
 * Documents an answer. TypeScript holds the handler to it; at run time it costs nothing, because
 * the answer is made by our own code.
 */
export function answers<const T extends Type<unknown>>(schema: T): RouteSchema<T['infer']> {
  return {
    ...documentOf(schema),
    '~standard': { version: 1, vendor: 'caly', validate: (value) => ({ value }) },
  }
}

/**
 * The same answers for the `detail` of a route whose handler answers at once: for one with schemas
 * under `response`, Elysia waits a turn of the event loop.
 */
export const documented = (schemas: Readonly<Record<number, object>>) => ({
  responses: Object.fromEntries(
    Object.entries(schemas).map(([status, schema]) => [
      status,
      // An empty one is filled in by the document's own words for the status.
      { description: '', ...schema, content: { 'application/json': { schema } } },
    ]),
  ),
})

/** Documents an answer without a body (204). */
export const answersNothing: RouteSchema<undefined> = {
  ...{ type: 'undefined' },
  '~standard': { version: 1, vendor: 'caly', validate: () => ({ value: undefined }) },
}

/** JSON Schema of what goes over the wire; morphs and predicates stand as their plain base. */
function documentOf(schema: Type<unknown>): object {
  const { $schema: _, ...document } = schema.in.toJsonSchema({
    dialect: null,
    fallback: ({ base }) => base,
  }) as Record<string, unknown>
  // The input side of a schema with morphs has lost what the schema itself is called.
  const { title, examples } = schema.meta
  // Undefined goes with it, and a rule's code, which is for our own answers.
  const text = JSON.stringify({ ...document, title, examples }, (key, value) =>
    key === 'x-code' ? undefined : value,
  )
  return JSON.parse(text)
}
