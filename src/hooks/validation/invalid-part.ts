import { type FieldError, ValidationError } from '../../errors.ts'
import { maxFaults } from './limits.ts'
import type { RefusedPart } from './refused-part.ts'

/** A part of a request that a schema speaks for, in the order in which Elysia asks them. */
export const requestParts = ['params', 'query', 'body'] as const
export type RequestPart = (typeof requestParts)[number]

/** One part of a request is not valid. Elysia stops at the first: see `withOtherParts`. */
export class InvalidPart extends ValidationError {
  readonly part: RequestPart

  constructor(part: RequestPart, errors: readonly FieldError[]) {
    super(errors.slice(0, maxFaults))
    this.part = part
  }

  /** The faults of a part that no schema speaks for: no name in it is known. */
  static of({ part, faults }: RefusedPart): InvalidPart {
    return new InvalidPart(
      part,
      distinct(faults.map(({ code, message }) => ({ path: part, code, message }))),
    )
  }
}

/** Each fault once: a hundred unknown fields of one object are one. */
export const distinct = (errors: readonly FieldError[]): FieldError[] => [
  ...new Map(
    errors.map((error) => [`${error.path} ${error.code} ${error.message}`, error]),
  ).values(),
]
