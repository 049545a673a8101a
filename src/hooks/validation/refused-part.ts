/** A thing that no schema would find, with where it stands. */
export interface PlacedFault {
  /** The keys and indexes that lead there. They are the client's own words: see `knownPath`. */
  readonly at: readonly (string | number)[]
  readonly code: string
  readonly message: string
}

/**
 * What stands in for a part of a request that can be read and must not be used. A schema refuses
 * it, and so does the hook that made it where a route has none.
 */
export class RefusedPart {
  readonly part: 'body' | 'query'
  readonly faults: readonly PlacedFault[]
  /** What was read, to be told of its other faults too; undefined where it was not worth reading. */
  readonly value: unknown

  constructor(part: 'body' | 'query', faults: readonly PlacedFault[], value?: unknown) {
    this.part = part
    this.faults = faults
    this.value = value
  }
}

/** Names that reach into every object's prototype, where a careless assignment follows them. */
export const isForbiddenName = (name: string): boolean =>
  name === '__proto__' || name === 'constructor' || name === 'prototype'

/** The fault of a field or parameter with such a name. The name itself is not repeated. */
export const forbiddenName = {
  code: 'forbidden_name',
  message: 'has a field named __proto__, constructor or prototype',
} as const

/** The fault of a text with U+0000, which PostgreSQL cannot hold. */
export const nulCharacter = { code: 'nul', message: 'must not contain U+0000' } as const
