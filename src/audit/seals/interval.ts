import type { Queries } from '../rows/read-rows.ts'

/**
 * Rows of a seal, at most but for what one transaction wrote: bounds the memory of a round, and how
 * long the embedded database is held.
 */
const mostRows = 20_000

/** Every transaction below it has ended. */
export const settledXid = (queries: Queries): Promise<bigint> =>
  xidOf(queries, 'select pg_snapshot_xmin(pg_current_snapshot())::text as xid')

/** Where the migration has the seals begin. */
export const startXid = (queries: Queries): Promise<bigint> =>
  xidOf(queries, 'select xid::text from audit_seal_start')

/**
 * Where the interval that begins with a transaction ends, so that it has rows, and no more of them
 * than a seal takes; but what one transaction wrote stays together.
 *
 * @returns undefined if nothing is to be sealed
 */
export async function intervalEnd(
  queries: Queries,
  from: bigint,
  until: bigint,
): Promise<bigint | undefined> {
  const rowAt = (offset: number) => `(
    select written_by from audit_logs where written_by >= $1::xid8 and written_by < $2::xid8
    order by written_by, id offset ${offset} limit 1)::text`
  const { rows } = await queries.query({
    text: `select ${rowAt(0)} as first, ${rowAt(mostRows)} as beyond`,
    values: [from.toString(), until.toString()],
  })
  const [row] = rows as readonly {
    readonly first: string | null
    readonly beyond: string | null
  }[]
  if (row === undefined || row.first === null) return undefined
  if (row.beyond === null) return until
  return row.beyond === row.first ? BigInt(row.first) + 1n : BigInt(row.beyond)
}

async function xidOf(queries: Queries, text: string): Promise<bigint> {
  const { rows } = await queries.query(text)
  const [row] = rows as readonly { readonly xid: string }[]
  return BigInt(row?.xid ?? 0)
}
