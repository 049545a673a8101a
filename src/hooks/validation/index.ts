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
        if (isTooWide(value)) throw new ValidationError([{ path: part, ...tooWide }])
        const result = schema(value)
        if (result instanceof type.errors) throw new ValidationError(fieldErrors(part, result))
        return { value: result }
      },
    },
  }
}

/** Fields and items of one request, at all levels together. */
const entryLimit = 1000

const tooWide = {
  code: 'too_many',
  message: `must not have more than ${entryLimit} fields and items`,
} as const

/** A fault for each of a hundred thousand unknown fields would take half a second to list. */
function isTooWide(value: unknown): boolean {
  let left = entryLimit
  const exceeds = (item: unknown): boolean => {
    if (typeof item !== 'object' || item === null) return false
    for (const name in item)
      if (--left < 0 || exceeds((item as Readonly<Record<string, unknown>>)[name])) return true
    return false
  }
  return exceeds(value)
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
  return document
}

function fieldErrors(part: RequestPart, faults: type.errors): FieldError[] {
  const known = faults.filter(({ expected }) => expected !== removed)
  // The name of an unknown field is the client's own text: only where it stands is told.
  const parents = faults
    .filter(({ expected }) => expected === removed)
    .map(({ path }) => pathOf(part, [...path].slice(0, -1)))
  return [
    ...known.map((fault) => ({ path: pathOf(part, fault.path), ...describe(fault) })),
    ...[...new Set(parents)].map((path) => ({
      path,
      code: 'unknown',
      message: 'has a field that is not known here',
    })),
  ]
}

function describe(fault: type.errors[number]): Pick<FieldError, 'code' | 'message'> {
  if (fault.code === 'required') return { code: 'required', message: 'is missing' }
  const expected = expectation(fault)
  return { code: named[expected] ?? codes[fault.code] ?? 'invalid', message: `must be ${expected}` }
}

/** What would be right. Of a fault made of several, arktype's own text carries the value sent. */
function expectation(fault: type.errors[number]): string {
  const word = fault.hasCode('union') ? 'or' : 'and'
  if (!fault.hasCode('union') && !fault.hasCode('intersection')) return fault.expected
  return [...new Set(fault.errors.map(expectation))].join(` ${word} `)
}

const pathOf = (part: RequestPart, path: readonly PropertyKey[]): string =>
  [part, ...Array.from(path, String)].join('.')

/** What arktype expects of a key that a schema with `'+': 'reject'` does not know. */
const removed = 'removed'

/** Rules of our own that have a code of their own, by what they expect. */
const named: Readonly<Record<string, string>> = {
  'an E.164 phone number': 'phone',
  'an email address': 'email',
}

/** arktype's words for a broken rule that are worth keeping; the rest is just not valid. */
const codes: Readonly<Record<string, string>> = {
  minLength: 'too_short',
  maxLength: 'too_long',
  min: 'too_small',
  max: 'too_large',
  pattern: 'format',
  union: 'choice',
  unit: 'choice',
  domain: 'type',
  proto: 'type',
}
