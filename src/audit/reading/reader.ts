import { type } from 'arktype'
import type { Database } from '#db/database.ts'
import { dateTime, decodeCursor, encodeCursor } from '../../hooks/validation/index.ts'
import { type AuditSelection, selectionOf } from './filters.ts'
import type { AuditEvent, AuditListQuery, AuditPage } from './schemas.ts'
import { type AuditRecord, type PageWanted, pageStatement } from './statement.ts'
import { auditView } from './view.ts'

/** Reads the trail. */
export interface AuditReader {
  /**
   * One page, newest first. Events that were there at the first page come exactly once, whatever is
   * written meanwhile.
   *
   * @throws {ValidationError} if the cursor is not for these filters, or not this client's
   */
  list(clientId: string, query: AuditListQuery): Promise<AuditPage>
  /**
   * A whole selection, oldest first, a page at a time, each read when it is asked for: whoever is
   * slow holds no connection. Has each event that was there when it began exactly once.
   */
  pages(selection: AuditSelection): AsyncGenerator<AuditEvent[], undefined>
}

const position = type({
  id: 'string.uuid',
  createdAt: dateTime.pipe((text) => new Date(text)),
})

/** Rows read for a page: each is a text of its own to prepare, so there are few. */
const pageSizes = [21, 51, 101] as const

/** Events of one page of an export: half a megabyte of text. */
const exportPage = 500

/** Makes the reader of a database. */
export function auditReader(client: Database['client']): AuditReader {
  async function read(wanted: PageWanted): Promise<AuditRecord[]> {
    const { rows } = await client.query(pageStatement(wanted))
    return rows as AuditRecord[]
  }

  return {
    async list(clientId, { limit, cursor, ...filters }) {
      const list = { clientId, ...filters }
      const rows = await read({
        selection: selectionOf(clientId, filters),
        order: 'newest first',
        after: cursor === undefined ? undefined : decodeCursor(cursor, position, list),
        // One more tells whether there is another page.
        limit: pageSizes.find((size) => size > limit) ?? limit + 1,
      })
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      const more = rows.length > limit && last !== undefined
      return {
        items: shown.map(auditView),
        nextCursor: more ? encodeCursor({ id: last.id, createdAt: last.created_at }, list) : null,
      }
    },

    async *pages(selection) {
      let after: PageWanted['after']
      for (;;) {
        const order = 'oldest first'
        const rows = await read({ selection, order, after, limit: exportPage })
        const last = rows.at(-1)
        if (last === undefined) return undefined
        yield rows.map(auditView)
        if (rows.length < exportPage) return undefined
        after = { id: last.id, createdAt: last.created_at }
      }
    },
  }
}
