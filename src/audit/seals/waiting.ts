import type { Queries } from '../rows/read-rows.ts'
import { sealingLockHeld } from '../transaction.ts'

/** Why a row waits to be sealed, as far as the server tells. */
export interface HoldUp {
  /** Milliseconds since this process first found the row. */
  readonly waits: number
  /** `lock`: a session holds the lock of sealing. `transaction`: one that writes is still open. */
  readonly by?: 'lock' | 'transaction'
  /** The session's process at the server; a prepared transaction has none. */
  readonly pid?: number
}

/** The transaction of the oldest committed row that no seal has; undefined if there is none. */
export async function oldestUnsealed(
  queries: Queries,
  sealedTo: string,
): Promise<bigint | undefined> {
  const { rows } = await queries.query({
    text: `select written_by::text as xid from audit_logs where written_by >= $1::xid8
      order by written_by, id limit 1`,
    values: [sealedTo],
  })
  const [row] = rows as readonly { readonly xid: string }[]
  return row && BigInt(row.xid)
}

/** Whose lock or transaction it is that nothing can be sealed for. */
export async function whoHoldsUp(queries: Queries): Promise<Omit<HoldUp, 'waits'>> {
  const { rows } = await queries.query(`
    select pid, locktype = 'advisory' as lock from pg_locks
    where granted and pid is distinct from pg_backend_pid() and (${sealingLockHeld}
      or locktype = 'transactionid' and mode = 'ExclusiveLock'
        and transactionid = pg_snapshot_xmin(pg_current_snapshot())::xid)
    order by lock desc limit 1`)
  const [row] = rows as readonly { readonly pid: number | null; readonly lock: boolean }[]
  if (row === undefined) return {}
  return { by: row.lock ? 'lock' : 'transaction', ...(row.pid !== null && { pid: row.pid }) }
}

/**
 * Measures how long rows wait by this process's own clock: what a row says of its time is when it
 * happened, and somebody else may have written it.
 */
export function waitingWatch(clock: () => number) {
  let oldest: { readonly xid: bigint; readonly since: number } | undefined
  return {
    /** Takes what {@linkcode oldestUnsealed} found. @returns milliseconds that it has waited */
    see(xid: bigint | undefined): number {
      if (xid === undefined) oldest = undefined
      // A row of an earlier transaction that shows up later takes nothing from how long this lasts.
      else if (oldest === undefined || xid > oldest.xid) oldest = { xid, since: clock() }
      return oldest === undefined ? 0 : clock() - oldest.since
    },
  }
}
