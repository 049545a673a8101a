import { type Queries, readRows } from '../rows/read-rows.ts'
import type { RowView } from '../rows/row-view.ts'
import { uuidText } from '../seals/leaves.ts'
import type { SignedSeal } from '../seals/seal.ts'
import type { Findings } from './findings.ts'
import { addRow, inserted, judge, notOurs, openSeal, type RowChecks } from './judge.ts'
import { spanOf } from './months.ts'

/** Rows that are read in one go, over many small seals. */
const groupRows = 20_000

/** What is read of one month: how far, and which seals come next. */
interface Month {
  /** All rows of earlier transactions were read. */
  readTo: bigint
  seals: SignedSeal[]
  rows: number
  /** Whether a seal of the rows to come is missing or changed, so that they may lack one. */
  unsure: boolean
}

/** Compares the rows with their seals. Each row is read once, whatever the order of months. */
export function sealedRows(
  queries: Queries,
  checks: RowChecks,
  findings: Findings,
  signal?: AbortSignal,
) {
  const months = new Map<string, Month>()
  let unsureFromNow = false
  let read = 0

  function monthOf(name: string): Month {
    const found = months.get(name) ?? { readTo: 0n, seals: [], rows: 0, unsure: unsureFromNow }
    months.set(name, found)
    return found
  }

  async function flush(name: string): Promise<void> {
    const month = monthOf(name)
    const last = month.seals.at(-1)
    if (last === undefined) return
    await compare(month, name, BigInt(last.toXid))
    month.seals = []
    month.rows = 0
    month.unsure = false
  }

  /** Reads a month up to a transaction, and judges the seals in there. */
  async function compare(month: Month, name: string, toXid: bigint): Promise<void> {
    const open = month.seals.map(openSeal)
    let at = 0
    const take = (row: RowView) => {
      const { writtenBy } = row
      let current = open[at]
      while (current !== undefined && writtenBy >= current.toXid) current = open[++at]
      checks.look(row)
      if (current !== undefined && writtenBy >= current.fromXid) addRow(current, row, checks)
      else if (!month.unsure) inserted(findings, uuidText(row.id))
      else if (checks.isForged(row, false) === true) notOurs(findings, uuidText(row.id))
    }
    const range = { ...spanOf(name), fromXid: month.readTo, toXid }
    read += await readRows(queries, range, take, signal)
    month.readTo = toXid
    for (const one of open) await judge(queries, one, checks, findings)
  }

  return {
    /** Takes the next seal of the chain; it is judged by and by. */
    async see(seal: SignedSeal): Promise<void> {
      const month = monthOf(seal.month)
      month.seals.push(seal)
      month.rows += seal.rowCount
      if (month.rows >= groupRows) await flush(seal.month)
    },
    /** Notes that a seal is missing or changed: rows may now be there without one. */
    doubt(): void {
      unsureFromNow = true
      for (const month of months.values()) month.unsure = true
    },
    /**
     * Judges what is left, and reads the rest of each month up to where the chain ends.
     *
     * @returns how many rows were read
     */
    async end(names: readonly string[], toXid: bigint): Promise<number> {
      for (const name of names) {
        await flush(name)
        const month = monthOf(name)
        if (month.readTo < toXid) await compare(month, name, toXid)
      }
      return read
    },
  }
}
