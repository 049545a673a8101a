import type { Client } from '#db/pg-client.ts'
import { uuidText } from '../seals/leaves.ts'
import { columns } from './columns.ts'
import { RowView } from './row-view.ts'

/** Whatever takes statements: the pool, or the one connection of a transaction. */
export type Queries = Pick<Client, 'query'>

/**
 * Has the transaction's pages come from the index on (written_by, id) in its order. PostgreSQL knows
 * little of how `xid8` spreads, and would rather sort the rest of the table for each page.
 */
export async function preferIndex(queries: {
  query(text: string): Promise<unknown>
}): Promise<void> {
  for (const way of ['seqscan', 'bitmapscan', 'sort'])
    await queries.query(`set local enable_${way} = off`)
}

/** Which rows to read. */
export interface RowRange {
  /** `created_at` from then on; `-infinity` for all. */
  readonly begins: string
  /** `created_at` before then; `infinity` for all. */
  readonly ends: string
  /** Written by this transaction or a later one. */
  readonly fromXid: bigint
  /** Written by an earlier transaction than this one. @default any */
  readonly toXid?: bigint | undefined
}

/** Rows a statement: some megabytes. */
const pageSize = 2048

/** More than any transaction's number. */
const beyond = 2n ** 64n - 1n

/**
 * A whole page as one value: the server writes rows as it would send them, and nothing on the way
 * takes them apart. Read by (written_by, id), which is an index.
 */
const pageText = (from: '>=' | '>') => `
  select string_agg(record_send(r), ''::bytea) as page, count(*)::int as count from (
    select ${columns.join(', ')} from audit_logs
    where created_at >= $1 and created_at < $2
      and (written_by, id) ${from} ($3::xid8, $4::uuid) and written_by < $5::xid8
    order by written_by, id limit ${pageSize}
  ) r`

const firstPage = { name: 'audit_rows_first', text: pageText('>=') }
const nextPage = { name: 'audit_rows_next', text: pageText('>') }

/**
 * Reads rows in pages, in a transaction after {@linkcode preferIndex}, and hands each to `take`, in the order of their transactions. The view is the
 * same one each time: take what you need of it.
 *
 * @param signal aborts between two pages
 * @returns how many there were
 * @throws what the database throws, and the signal's reason
 */
export async function readRows(
  queries: Queries,
  { begins, ends, fromXid, toXid = beyond }: RowRange,
  take: (row: RowView) => void,
  signal?: AbortSignal,
): Promise<number> {
  const view = new RowView()
  const to = toXid.toString()
  const ask = async (statement: typeof firstPage, [xid, id]: PageStart): Promise<Page> => {
    const { rows } = await queries.query({ ...statement, values: [begins, ends, xid, id, to] })
    return rows[0] as Page
  }
  let next: Promise<Page> | undefined = ask(firstPage, [fromXid.toString(), lowestId])
  let total = 0
  try {
    while (next !== undefined) {
      const { page, count } = await next
      next = undefined
      if (page === null) break
      signal?.throwIfAborted()
      // The server makes the next page while this one is looked at.
      if (count === pageSize) {
        next = ask(nextPage, endOf(page))
        await turns()
      }
      total += count
      for (let at = 0; at < page.length; ) {
        at = view.move(page, at)
        take(view)
      }
    }
    return total
  } catch (error) {
    // Nobody waits for the page that was asked for ahead.
    await next?.catch(() => undefined)
    throw error
  }
}

/** Lets the driver send what it was given, which takes it two turns of the event loop. */
async function turns(): Promise<void> {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}

interface Page {
  readonly page: Buffer | null
  readonly count: number
}

type PageStart = readonly [xid: string, id: string]

/** The key of a page's last row: `written_by` and `id` are its last two columns. */
const endOf = (page: Buffer): PageStart => [
  page.readBigUInt64BE(page.length - 32).toString(),
  uuidText(page.subarray(-16)),
]

const lowestId = '00000000-0000-0000-0000-000000000000'
