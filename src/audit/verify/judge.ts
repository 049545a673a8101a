import { type Queries, readRows } from '../rows/read-rows.ts'
import type { RowView } from '../rows/row-view.ts'
import { LeafCollector, type Leaves, uuidText } from '../seals/leaves.ts'
import type { SignedSeal } from '../seals/seal.ts'
import { leavesOf } from '../seals/store.ts'
import type { Findings } from './findings.ts'
import { spanOf } from './months.ts'

/** What a row is looked at for beside its leaf. */
export interface RowChecks {
  /** Judges the personal fields. */
  look(row: RowView): void
  /**
   * Judges the MAC.
   *
   * @param legacy whether the row may lack one
   * @returns whether somebody else than Caly wrote the row; undefined if nobody here can say
   */
  isForged(row: RowView, legacy: boolean): boolean | undefined
}

/** Rows of a seal that are named one by one; the rest is counted. */
const named = 100

/** A seal whose rows are being read. */
export interface OpenSeal {
  readonly seal: SignedSeal
  readonly fromXid: bigint
  readonly toXid: bigint
  readonly collector: LeafCollector
  readonly forged: string[]
}

/** Begins to read the rows of a seal. */
export const openSeal = (seal: SignedSeal): OpenSeal => ({
  seal,
  fromXid: BigInt(seal.fromXid),
  toXid: BigInt(seal.toXid),
  collector: new LeafCollector(),
  forged: [],
})

/** What was sealed with the first interval is older than the MACs. */
const isLegacy = ({ fromXid }: SignedSeal): boolean => fromXid === '0'

/**
 * Takes a row of a seal. Its MAC was judged when it was sealed, and the seal says how many were wrong:
 * where none was, and the rows are those that were sealed, none is.
 */
export function addRow(
  { seal, collector, forged }: OpenSeal,
  row: RowView,
  checks: RowChecks,
): void {
  collector.add(row.id, row.leaf())
  if (seal.forgedCount === 0 || forged.length >= named) return
  if (checks.isForged(row, isLegacy(seal)) === true) forged.push(uuidText(row.id))
}

/** Tells of a row that no seal has. */
export const inserted = (findings: Findings, rowId: string, position?: number) =>
  findings.add('row_inserted', `Row ${rowId} was inserted where all rows were sealed`, {
    rowId,
    ...(position !== undefined && { position }),
  })

/** Tells of a row that has no valid MAC. */
export const notOurs = (findings: Findings, rowId: string, position?: number) =>
  findings.add('row_forged', `Row ${rowId} was not written by Caly`, {
    rowId,
    ...(position !== undefined && { position }),
  })

/** Compares the rows of a seal with it, and names those that are not as they were. */
export async function judge(
  queries: Queries,
  { seal, collector, forged }: OpenSeal,
  checks: RowChecks,
  findings: Findings,
): Promise<void> {
  const { position, forgedCount } = seal
  const found = collector.leaves()
  if (found.count === seal.rowCount && found.root().equals(Buffer.from(seal.root))) {
    for (const rowId of forged) notOurs(findings, rowId, position)
    const others = forgedCount - forged.length
    if (others > 0)
      findings.add(
        'row_forged',
        `${others} more rows of seal ${position} were not written by Caly`,
        {
          position,
        },
      )
    return
  }
  const kept = await leavesOf(queries, position)
  if (kept?.root().equals(Buffer.from(seal.root)) === true)
    return compareLeaves(queries, seal, { found, kept }, findings)
  findings.add(
    'leaves_changed',
    `The leaves of seal ${position} are ${kept === undefined ? 'missing' : 'not as they were'}: not every row can be named`,
    { position },
  )
  await nameByMac(queries, seal, checks, findings)
}

/** Without the leaves only the MACs tell which rows it is. */
async function nameByMac(
  queries: Queries,
  seal: SignedSeal,
  checks: RowChecks,
  findings: Findings,
): Promise<void> {
  const { position, rowCount, month, fromXid, toXid } = seal
  const forged: string[] = []
  const take = (row: RowView) => {
    if (forged.length < named && checks.isForged(row, isLegacy(seal)) === true)
      forged.push(uuidText(row.id))
  }
  const range = { ...spanOf(month), fromXid: BigInt(fromXid), toXid: BigInt(toXid) }
  const found = await readRows(queries, range, take)
  for (const rowId of forged)
    findings.add('row_changed', `Row ${rowId} was changed or inserted`, { rowId, position })
  if (forged.length === 0)
    findings.add(
      found < rowCount ? 'row_removed' : 'row_changed',
      `Seal ${position} speaks of ${rowCount} rows; ${found} are there, and not all as they were`,
      { position },
    )
}

async function compareLeaves(
  queries: Queries,
  { position }: SignedSeal,
  { found, kept }: { readonly found: Leaves; readonly kept: Leaves },
  findings: Findings,
): Promise<void> {
  for (let index = 0; index < found.count; index += 1) {
    const before = kept.indexOf(found.id(index))
    const rowId = uuidText(found.id(index))
    if (before < 0) inserted(findings, rowId, position)
    else if (!kept.hash(before).equals(found.hash(index)))
      findings.add('row_changed', `Row ${rowId} was changed`, { rowId, position })
  }
  let looked = 0
  for (let index = 0; index < kept.count; index += 1) {
    if (found.indexOf(kept.id(index)) >= 0) continue
    const rowId = uuidText(kept.id(index))
    const moved = looked++ < named && (await isElsewhere(queries, rowId))
    if (moved)
      findings.add('row_moved', `Row ${rowId} was moved out of its place`, { rowId, position })
    else findings.add('row_removed', `Row ${rowId} was removed`, { rowId, position })
  }
}

/** Whether a row is there, with another time or another transaction. */
async function isElsewhere(queries: Queries, rowId: string): Promise<boolean> {
  const { rows } = await queries.query({
    text: 'select 1 from audit_logs where id = $1 limit 1',
    values: [rowId],
  })
  return rows.length > 0
}
