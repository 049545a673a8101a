import { type } from 'arktype'
import { decodeCursor, encodeCursor, pageSize } from '../hooks/validation/index.ts'
import type { CallContext } from './context.ts'
import type { CallFilters, CallPage } from './schemas.ts'
import { callView } from './view.ts'

/** A list goes by id: UUIDv7 tells the order in which calls were accepted. */
const position = type({ id: 'string.uuid' })

/** One page of a client's calls, newest first, stable while others write. */
export async function listCalls(
  { queries, vault }: CallContext,
  clientId: string,
  filters: CallFilters,
): Promise<CallPage> {
  const { cursor, limit = pageSize.usual, number, ...narrowed } = filters
  // The client too: a cursor is of no use to another. Not the number itself: cursors travel.
  const listOf = (index?: Uint8Array) => ({
    ...narrowed,
    clientId,
    number: index && Buffer.from(index).toString('hex'),
  })
  const numbers = number === undefined ? undefined : vault.numberEverywhere(number)
  const list = listOf(numbers?.[0])
  const where = number === undefined ? 'query.cursor' : 'body.cursor'
  const { from, to, ...equal } = narrowed
  const rows = await queries.list({
    ...equal,
    clientId,
    numbers,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
    // A replica whose first key is another one, or this one before a rotation, may have written it.
    before:
      cursor === undefined ? undefined : lastId(cursor, numbers?.map(listOf) ?? [list], where),
    // One more tells whether there is another page.
    limit: limit + 1,
  })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map((row) => callView(row, vault.openCall(row.id, row.sealed))),
    nextCursor: rows.length > limit && last ? encodeCursor({ id: last.id }, list) : null,
  }
}

/** Where the page before ended. @throws {ValidationError} if the cursor is for none of the lists */
function lastId(cursor: string, lists: readonly object[], where: string): string {
  const [list, ...others] = lists
  try {
    return decodeCursor(cursor, position, list, where).id
  } catch (error) {
    if (others.length === 0) throw error
    return lastId(cursor, others, where)
  }
}
