import type { RowMacs } from '../row-mac.ts'
import { type Queries, readRows } from '../rows/read-rows.ts'
import type { RowView } from '../rows/row-view.ts'
import { uuidText } from '../seals/leaves.ts'
import type { erasureCheck } from './erasures.ts'
import type { Findings } from './findings.ts'
import { notOurs, type RowChecks } from './judge.ts'
import type { Span } from './months.ts'

/** The personal fields and the MAC of a row. */
export function rowChecks(
  macs: RowMacs,
  erasures: ReturnType<typeof erasureCheck>,
  findings: Findings,
): RowChecks {
  return {
    look(row) {
      erasures.see(row)
      const personal = row.personal()
      if (personal === 'emptied') erasures.seeEmptied(row)
      else if (personal === 'wrong') {
        const rowId = uuidText(row.id)
        findings.add('personal_changed', `The personal fields of row ${rowId} were changed`, {
          rowId,
        })
      }
    },
    isForged(row, legacy) {
      const mac = row.mac(macs)
      if (mac === 'unknown key') return undefined
      return mac === 'wrong' || (mac === 'none' && !legacy)
    },
  }
}

/** What {@linkcode unsealedRows} needs. */
export interface UnsealedOptions {
  readonly spans: readonly Span[]
  readonly sealedTo: bigint
  readonly checks: RowChecks
  readonly findings: Findings
  readonly signal: AbortSignal | undefined
}

/**
 * Rows that no seal speaks of yet: only their MACs tell whether Caly wrote them. One whose transaction
 * has not begun would be kept from being sealed for as long as somebody likes.
 */
export async function unsealedRows(queries: Queries, options: UnsealedOptions): Promise<number> {
  const { spans, sealedTo, checks, findings, signal } = options
  const { start, end } = await bounds(queries)
  const take = (row: RowView) => {
    const legacy = sealedTo === 0n && row.writtenBy < start
    const rowId = uuidText(row.id)
    checks.look(row)
    if (row.writtenBy >= end)
      findings.add('row_moved', `Row ${rowId} tells of a transaction that has not begun`, { rowId })
    if (checks.isForged(row, legacy) !== false) notOurs(findings, rowId)
  }
  let read = 0
  for (const span of spans)
    read += await readRows(queries, { ...span, fromXid: sealedTo }, take, signal)
  return read
}

/** Rows at times that are in no month of the trail: nothing there was ever sealed. */
export async function rowsBeside(
  queries: Queries,
  spans: readonly Span[],
  sealedTo: bigint,
  findings: Findings,
  signal?: AbortSignal,
): Promise<number> {
  const take = (row: RowView) => {
    const rowId = uuidText(row.id)
    findings.add('row_inserted', `Row ${rowId} was inserted where no row can be`, { rowId })
  }
  let read = 0
  for (const span of spans)
    read += await readRows(queries, { ...span, fromXid: 0n, toXid: sealedTo }, take, signal)
  return read
}

/** Where the seals begin, and the first transaction that has not ended by now, nor any after it. */
async function bounds(queries: Queries): Promise<{ readonly start: bigint; readonly end: bigint }> {
  const { rows } = await queries.query(`
    select (select xid::text from audit_seal_start) as start,
      pg_snapshot_xmax(pg_current_snapshot())::text as end`)
  const [row] = rows as readonly { readonly start: string | null; readonly end: string }[]
  return { start: BigInt(row?.start ?? 0), end: BigInt(row?.end ?? 0) }
}
