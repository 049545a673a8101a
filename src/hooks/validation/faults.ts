/** What is wrong with a part of a request, in words that never hold the value. */
import type { type } from 'arktype'
import type { FieldError } from '../../errors.ts'
import { distinct, type RequestPart } from './invalid-part.ts'
import { knownPath } from './known-path.ts'
import type { RefusedPart } from './refused-part.ts'

/** The faults that a schema found. */
export function schemaFaults(part: RequestPart, faults: type.errors): FieldError[] {
  return distinct(
    faults.map((fault) => {
      // The name of an unknown field is the client's own text: only where it stands is told.
      if (fault.expected === removed)
        return { path: pathOf(part, [...fault.path].slice(0, -1)), ...unknownField }
      return { path: pathOf(part, fault.path), ...describe(part, fault) }
    }),
  )
}

/** The faults that no schema would find, told by the places that the schema knows. */
export function refusedFaults({ part, faults }: RefusedPart, document: unknown): FieldError[] {
  return distinct(
    faults.map(({ at, code, message }) => ({
      path: pathOf(part, knownPath(document, at)),
      code,
      message,
    })),
  )
}

function describe(part: RequestPart, fault: type.errors[number]): Omit<FieldError, 'path'> {
  if (fault.code === 'required') return { code: 'required', message: 'is missing' }
  // Two parameters of one name come as a list.
  if (part === 'query' && Array.isArray(fault.data)) return repeated
  // A part of a path that Elysia cannot decode comes as null.
  if (part === 'params' && fault.data === null) return notEncoded
  return { code: codeOf(fault), message: `must be ${expectation(fault)}` }
}

/** Several broken rules in one place have a word if it is the same one. */
function codeOf(fault: type.errors[number]): string {
  const parts = fault.hasCode('intersection') ? fault.errors : [fault]
  const words = new Set(parts.map(({ meta, code }) => meta?.['x-code'] ?? codes[code] ?? 'invalid'))
  const [word = 'invalid'] = words
  return words.size === 1 ? word : 'invalid'
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

const unknownField = { code: 'unknown', message: 'has a field that is not known here' } as const
const repeated = { code: 'repeated', message: 'must stand once' } as const
const notEncoded = { code: 'encoding', message: 'must be UTF-8 in percent-encoding' } as const

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
