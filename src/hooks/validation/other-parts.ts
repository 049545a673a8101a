import { type FieldError, ValidationError } from '../../errors.ts'
import { InvalidPart, type RequestPart, requestParts } from './invalid-part.ts'
import { maxFaults } from './limits.ts'
import { RefusedPart } from './refused-part.ts'

/** The parts of a request as they came, or their schemas. */
export type ByPart = Readonly<Partial<Record<RequestPart, unknown>>>

/**
 * Completes the error of a request whose one part was refused with the faults of those that Elysia
 * did not come to any more, so that they are fixed at once.
 *
 * @param values the parts; those before the refused one are valid already
 * @param schemas the route's, as `accepts` makes them
 */
export function withOtherParts(
  error: InvalidPart,
  values: ByPart,
  schemas: ByPart,
): ValidationError {
  const asked = requestParts.indexOf(error.part)
  const errors = requestParts.flatMap((part, index) => {
    if (index === asked) return error.errors
    const [value, schema] = [values[part], schemas[part]]
    if (schema === undefined)
      return value instanceof RefusedPart ? InvalidPart.of(value).errors : []
    return index > asked ? faultsOf(schema, value) : []
  })
  return errors.length === error.errors.length
    ? error
    : new ValidationError(errors.slice(0, maxFaults))
}

interface StandardSchema {
  readonly '~standard': { readonly validate: (value: unknown) => unknown }
}

const isStandardSchema = (schema: unknown): schema is StandardSchema =>
  typeof schema === 'object' && schema !== null && '~standard' in schema

function faultsOf(schema: unknown, value: unknown): readonly FieldError[] {
  if (!isStandardSchema(schema)) return []
  try {
    schema['~standard'].validate(value)
  } catch (error) {
    if (error instanceof ValidationError) return error.errors
    throw error
  }
  return []
}
