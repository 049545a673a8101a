import type { Type } from 'arktype'
import { type FieldError, ValidationError } from '../../../src/errors.ts'
import { accepts } from '../../../src/hooks/validation/index.ts'

/** What a client is told of a value; nothing where it is valid. */
export function faultsOf(schema: Type<unknown>, value: unknown): readonly FieldError[] {
  try {
    accepts('body', schema)['~standard'].validate(value)
  } catch (error) {
    if (error instanceof ValidationError) return error.errors
    throw error
  }
  return []
}

/** What a handler gets of a value. */
export const outcome = (schema: Type<unknown>, value: unknown): unknown =>
  accepts('body', schema)['~standard'].validate(value).value
