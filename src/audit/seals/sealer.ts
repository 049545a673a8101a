import type { Database } from '#db/database.ts'
import type { RowMacs } from '../row-mac.ts'
import { preferIndex, type Queries, readRows } from '../rows/read-rows.ts'
import { inTransaction, tryToChain } from '../transaction.ts'
import { type HeadCheck, trustedHead } from './head.ts'
import { intervalEnd, settledXid, startXid } from './interval.ts'
import type { SealKeys } from './keys.ts'
import { LeafCollector } from './leaves.ts'
import { monthOf, nextSeal, signed } from './next-seal.ts'
import type { SignedSeal } from './seal.ts'
import { addSeal, keepKey } from './store.ts'
import { oldestUnsealed } from './waiting.ts'

/** What makes seals. */
export interface SealMaker extends HeadCheck {
  readonly client: Database['client']
  readonly macs: RowMacs
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What a round of sealing did. */
export interface SealRound {
  readonly seals: readonly SignedSeal[]
  /** Whether there is more to seal at once. */
  readonly more: boolean
  /** The transaction of the oldest row that was left, where there is no more to seal at once. */
  readonly left?: bigint | undefined
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

/** Leaves that are kept of a seal at most: of more, what one transaction wrote, only MACs name rows. */
const mostLeaves = 1_000_000

/**
 * Seals what is committed and not sealed yet, unless somebody else is at it: nobody waits for a lock.
 * All transactions below `pg_snapshot_xmin` have ended, so that none of their rows can come later.
 *
 * @throws {UntrustedSealError} if the chain does not end with a seal of Caly's
 * @throws {TransactionCounterError} after a restore from a dump
 */
export function sealOnce(maker: SealMaker): Promise<SealRound> {
  return inTransaction(maker.client, { label: 'audit sealing' }, async (queries) => {
    const mine = await tryToChain(queries)
    // Whoever else is at it: a lock that somebody holds must not hide what they did to the chain.
    const head = await trustedHead(queries, maker)
    await preferIndex(queries)
    const { seals, more } = mine ? await sealNext(maker, queries, head) : nothing
    if (more) return { seals, more }
    const sealedTo = (seals.at(-1) ?? head)?.toXid ?? '0'
    return { seals, more, left: await oldestUnsealed(queries, sealedTo) }
  })
}

const nothing: SealRound = { seals: [], more: false }

/** Seals the next interval. @param head the last seal */
async function sealNext(
  maker: SealMaker,
  queries: Queries,
  head: SignedSeal | undefined,
): Promise<SealRound> {
  const until = await settledXid(queries)
  const start = head === undefined ? await startXid(queries) : undefined
  if (start !== undefined && until < start) return nothing
  if (head !== undefined && until < BigInt(head.toXid)) throw new TransactionCounterError()
  // What is older than the seals comes first, in an interval of its own: it has no MACs.
  const old = start === undefined ? [] : await seal(maker, queries, head, 0n, start)
  if (old.length > 0) return { seals: old, more: true }
  const from = start ?? BigInt(head?.toXid ?? 0)
  const to = await intervalEnd(queries, from, until)
  if (to === undefined) return nothing
  const seals = await seal(maker, queries, head, from, to)
  return { seals, more: to < until }
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
