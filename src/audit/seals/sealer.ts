import type { Database } from '#db/database.ts'
import type { RowMacs } from '../row-mac.ts'
import { preferIndex, type Queries, readRows } from '../rows/read-rows.ts'
import { inTransaction, tryToChain } from '../transaction.ts'
import type { SealKeys } from './keys.ts'
import { LeafCollector } from './leaves.ts'
import { monthOf, nextSeal, signed } from './next-seal.ts'
import type { SignedSeal } from './seal.ts'
import { addSeal, keepKey, lastSeal } from './store.ts'

/** What makes seals. */
export interface SealMaker {
  readonly client: Database['client']
  readonly keys: SealKeys
  readonly macs: RowMacs
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What a round of sealing did. */
export interface SealRound {
  readonly seals: readonly SignedSeal[]
  /** Whether there is more to seal at once. */
  readonly more: boolean
}

/**
 * The counter of transactions stands lower than when the last seal was made: what is written now
 * would count as sealed. The data came from a dump: see docs/audit.md.
 */
export class TransactionCounterError extends Error {
  override readonly name = 'TransactionCounterError'

  constructor() {
    super(
      'The audit trail cannot be sealed: the transaction counter of the database went back, as after a restore from a dump. See docs/audit.md',
    )
  }
}

/**
 * Rows of a seal, at most but for what one transaction wrote: bounds the memory of a round, and how
 * long the embedded database is held.
 */
const mostRows = 20_000

/** Leaves that are kept of a seal at most: of more, what one transaction wrote, only MACs name rows. */
const mostLeaves = 1_000_000

const nothing: SealRound = { seals: [], more: false }

/**
 * Seals what is committed and not sealed yet, unless somebody else is at it: nobody waits for a lock.
 * All transactions below `pg_snapshot_xmin` have ended, so that none of their rows can come later.
 */
export function sealOnce(maker: SealMaker): Promise<SealRound> {
  return inTransaction(maker.client, { label: 'audit sealing' }, async (queries) => {
    if (!(await tryToChain(queries))) return nothing
    const head = await lastSeal(queries)
    const until = await settledXid(queries)
    const start = head === undefined ? await startXid(queries) : undefined
    if (start !== undefined && until < start) return nothing
    if (head !== undefined && until < BigInt(head.toXid)) throw new TransactionCounterError()
    await preferIndex(queries)
    // What is older than the seals comes first, in an interval of its own: it has no MACs.
    const old = start === undefined ? [] : await seal(maker, queries, head, 0n, start)
    if (old.length > 0) return { seals: old, more: true }
    const from = start ?? BigInt(head?.toXid ?? 0)
    const to = await intervalEnd(queries, from, until)
    if (to === undefined) return nothing
    const seals = await seal(maker, queries, head, from, to)
    return { seals, more: to < until }
  })
}

/** Seals an interval: one seal for each month that has rows in it. */
async function seal(
  { keys, macs, now }: SealMaker,
  queries: Queries,
  head: SignedSeal | undefined,
  from: bigint,
  to: bigint,
): Promise<SignedSeal[]> {
  const months = new Map<string, { readonly leaves: LeafCollector; forged: number }>()
  await readRows(
    queries,
    { begins: '-infinity', ends: 'infinity', fromXid: from, toXid: to },
    (row) => {
      const month = monthOf(row.createdAt)
      const found = months.get(month) ?? { leaves: new LeafCollector(), forged: 0 }
      months.set(month, found)
      found.leaves.add(row.id, row.leaf())
      const mac = row.mac(macs)
      if (mac !== 'right' && !(mac === 'none' && from === 0n)) found.forged += 1
    },
  )
  const seals: SignedSeal[] = []
  for (const [month, { leaves, forged }] of [...months].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ordered = leaves.leaves()
    const made = await signed(
      keys,
      nextSeal(seals.at(-1) ?? head, now(), {
        kind: 'rows',
        month,
        fromXid: from.toString(),
        toXid: to.toString(),
        rowCount: ordered.count,
        forgedCount: forged,
        root: ordered.root(),
      }),
    )
    if (made.position === 1 || made.keyId !== (seals.at(-1) ?? head)?.keyId)
      await keepOwnKey(queries, keys)
    await addSeal(queries, made, ordered.count > mostLeaves ? undefined : ordered)
    seals.push(made)
  }
  return seals
}

async function keepOwnKey(queries: Queries, keys: SealKeys): Promise<void> {
  const publicKey = keys.publicKeys.get(keys.id)
  if (publicKey !== undefined) await keepKey(queries, keys.id, publicKey)
}

/** Every transaction below it has ended. */
const settledXid = (queries: Queries): Promise<bigint> =>
  xidOf(queries, 'select pg_snapshot_xmin(pg_current_snapshot())::text as xid')

/** Where the migration has the seals begin. */
const startXid = (queries: Queries): Promise<bigint> =>
  xidOf(queries, 'select xid::text from audit_seal_start')

/**
 * Where the interval that begins with a transaction ends, so that it has rows, and no more of them
 * than a seal takes; but what one transaction wrote stays together.
 *
 * @returns undefined if nothing is to be sealed
 */
async function intervalEnd(
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
