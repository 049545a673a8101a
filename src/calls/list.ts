import { ValidationError } from '../errors.ts'
import type { CallContext } from './context.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { CallFilters, CallPage } from './schemas.ts'
import { callView } from './view.ts'

const defaultLimit = 20

/** One page of a client's calls, newest first, stable while others write. */
export async function listCalls(
  { queries, vault }: CallContext,
  clientId: string,
  filters: CallFilters,
): Promise<CallPage> {
  const { status, direction, from, to, number, cursor, limit = defaultLimit } = filters
  // The client too: a cursor is of no use to another.
  const binding = [clientId, status, direction, from, to, number]
  const before = cursor === undefined ? undefined : decodeCursor(cursor, binding)
  if (cursor !== undefined && before === undefined) throw unknownCursor(number)
  const rows = await queries.list({
    clientId,
    status,
    direction,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    numbers: number === undefined ? undefined : vault.numberEverywhere(number),
    before,
    // One more tells whether there is another page.
    limit: limit + 1,
  })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map((row) => callView(row, vault.openCall(row.id, row.sealed))),
    nextCursor: rows.length > limit && last ? encodeCursor(last.id, binding) : null,
  }
}

const unknownCursor = (number: string | undefined) =>
  new ValidationError([
    {
      path: number === undefined ? 'query.cursor' : 'body.cursor',
      code: 'cursor',
      message: 'must be a nextCursor of the same list, with the same filters',
    },
  ])
