/** How an arktype schema reaches Elysia (as Standard Schema) and OpenAPI (as JSON Schema). */
import { type Type, type } from 'arktype'
import { type FieldError, ValidationError } from '../../errors.ts'

/** A part of a request that a schema speaks for. */
export type RequestPart = 'body' | 'query' | 'params'

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
 * Validates a part of a request. Faults are thrown as one {@linkcode ValidationError} of our own,
 * which names where and what, and never the value: Elysia's carries it (`found`), arktype's
 * messages too (`was …`).
 *
 * @param part where the value stands, for the paths in the answer
 */
export function accepts<const T extends Type<unknown>>(
  part: RequestPart,
  schema: T,
): RouteSchema<T['infer'], T['inferIn']> {
  return {
    ...documentOf(schema),
    '~standard': {
      version: 1,
      vendor: 'caly',
      validate(value) {
        const result = schema(value)
        if (result instanceof type.errors) throw new ValidationError(fieldErrors(part, result))
        return { value: result }
      },
    },
  }
}

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

/** JSON Schema of what goes over the wire; morphs and predicates stand as their plain base. */
function documentOf(schema: Type<unknown>): object {
  const { $schema: _, ...document } = schema.in.toJsonSchema({
    dialect: null,
    fallback: ({ base }) => base,
  }) as Record<string, unknown>
  return document
}

function fieldErrors(part: RequestPart, faults: type.errors): FieldError[] {
  return faults.map((fault) => ({
    path: [part, ...fault.path.map(String)].join('.'),
    code: fault.code === 'predicate' || fault.code === 'domain' ? 'invalid' : fault.code,
    message: fault.code === 'required' ? 'is missing' : `must be ${fault.expected}`,
  }))
}
