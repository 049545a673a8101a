/** Where the next page of a list begins, as an opaque word for the client to hand back. */
import { createHash } from 'node:crypto'
import { type Type, type } from 'arktype'
import { ValidationError } from '../../errors.ts'

/** Longest cursor that is looked at, in characters. */
export const maxCursorLength = 1024

/**
 * Writes a cursor.
 *
 * @param position the sort key of the page's last row
 * @param filters what the list was narrowed by: the cursor is good for the same list only
 *
 * @example A cursor comes back as the position that it was made of, and for another list not at all
 * ```ts
 * import { deepEqual, throws } from 'node:assert/strict'
 * import { type } from 'arktype'
 * const cursor = encodeCursor({ id: 7 }, { status: 'busy' })
 * deepEqual(decodeCursor(cursor, type({ id: 'number' }), { status: 'busy' }), { id: 7 })
 * throws(() => decodeCursor(cursor, type({ id: 'number' }), { status: 'failed' }))
 * ```
 */
export function encodeCursor(position: object, filters: object = {}): string {
  return Buffer.from(JSON.stringify([fingerprint(filters), position])).toString('base64url')
}

/**
 * Reads a cursor.
 *
 * @param position what the position must look like: the client may have made it up
 * @param path where the cursor stands, for the answer
 * @throws {ValidationError} if it was not made by {@linkcode encodeCursor} for this list
 */
export function decodeCursor<const Position extends Type<object>>(
  cursor: string,
  position: Position,
  filters: object = {},
  path = 'query.cursor',
): Position['infer'] {
  const content = cursor.length <= maxCursorLength ? parse(cursor) : undefined
  if (Array.isArray(content) && content.length === 2 && content[0] === fingerprint(filters)) {
    const read = position(content[1])
    if (!(read instanceof type.errors)) return read
  }
  const message = 'must be the nextCursor of an earlier page of the same list'
  throw new ValidationError([{ path, code: 'cursor', message }])
}

function parse(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}

/** A short hash of the filters, in whichever order; what is undefined is no filter. */
function fingerprint(filters: object): string {
  const fields = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url').slice(0, 8)
}
