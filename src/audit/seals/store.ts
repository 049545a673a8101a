import type { Queries } from '../rows/read-rows.ts'
import { Leaves } from './leaves.ts'
import type { Seal, SignedSeal } from './seal.ts'

/** Seals a statement. */
const pageSize = 1000

const selectSeals = `
  select position, version, kind, created_at, month, from_xid, to_xid, row_count, forged_count,
    total_count, root, previous_hash, key_id, signature
  from audit_seals`

/** The last seal of the chain; undefined while there is none. */
export async function lastSeal(queries: Queries): Promise<SignedSeal | undefined> {
  const { rows } = await queries.query(`${selectSeals} order by position desc limit 1`)
  return rows.map(sealOf)[0]
}

/** The seal at a position; undefined if there is none. */
export async function sealAt(queries: Queries, position: number): Promise<SignedSeal | undefined> {
  const { rows } = await queries.query({
    text: `${selectSeals} where position = $1`,
    values: [position],
  })
  return rows.map(sealOf)[0]
}

/** All seals in the order of the chain, read in pages. */
export async function* readSeals(queries: Queries): AsyncGenerator<SignedSeal> {
  for (let after: number | undefined; ; ) {
    const { rows } = await queries.query({
      text: `${selectSeals} where $1::bigint is null or position > $1 order by position limit ${pageSize}`,
      values: [after],
    })
    const seals = rows.map(sealOf)
    yield* seals
    const last = seals.at(-1)
    if (last === undefined || seals.length < pageSize) return
    after = last.position
  }
}

/** The leaves of a seal, as they are kept; undefined if they are not. */
export async function leavesOf(queries: Queries, position: number): Promise<Leaves | undefined> {
  const { rows } = await queries.query({
    text: 'select leaves from audit_seal_leaves where position = $1',
    values: [position],
  })
  const [row] = rows as readonly { readonly leaves: Buffer }[]
  return row && new Leaves(row.leaves)
}

/** The public keys that are kept with the seals, by their thumbprints. Believe none of them unseen. */
export async function keptKeys(queries: Queries): Promise<ReadonlyMap<string, Uint8Array>> {
  const { rows } = await queries.query('select key_id, public_key from audit_seal_keys')
  return new Map(
    (rows as readonly { readonly key_id: string; readonly public_key: Buffer }[]).map((row) => [
      row.key_id,
      row.public_key,
    ]),
  )
}

/** Keeps the public key that seals are signed with, where it is not kept yet. */
export async function keepKey(queries: Queries, id: string, publicKey: Uint8Array): Promise<void> {
  await queries.query({
    text: `insert into audit_seal_keys (key_id, public_key) values ($1, $2)
      on conflict (key_id) do nothing`,
    values: [id, publicKey],
  })
}

/** Adds a seal, and its leaves where it has some. @throws {QueryError} if its position is taken */
export async function addSeal(
  queries: Queries,
  seal: SignedSeal,
  leaves: Leaves | undefined,
): Promise<void> {
  await queries.query({
    text: `insert into audit_seals (position, version, kind, created_at, month, from_xid, to_xid,
      row_count, forged_count, total_count, root, previous_hash, key_id, signature)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    values: [
      seal.position,
      seal.version,
      seal.kind,
      seal.createdAt,
      seal.month,
      seal.fromXid,
      seal.toXid,
      seal.rowCount,
      seal.forgedCount,
      seal.totalCount,
      seal.root,
      seal.previousHash,
      seal.keyId,
      seal.signature,
    ],
  })
  if (leaves !== undefined)
    await queries.query({
      text: 'insert into audit_seal_leaves (position, leaves) values ($1, $2)',
      values: [seal.position, leaves.bytes],
    })
}

/** A row of `audit_seals` as the driver gives it: 64-bit numbers as text. */
interface SealRow {
  readonly position: string
  readonly version: number
  readonly kind: Seal['kind']
  readonly created_at: Date
  readonly month: string
  readonly from_xid: string
  readonly to_xid: string
  readonly row_count: string
  readonly forged_count: string
  readonly total_count: string
  readonly root: Buffer
  readonly previous_hash: Buffer
  readonly key_id: string
  readonly signature: Buffer
}

function sealOf(row: unknown): SignedSeal {
  const kept = row as SealRow
  return {
    position: Number(kept.position),
    version: kept.version,
    kind: kept.kind,
    createdAt: kept.created_at,
    month: kept.month,
    fromXid: kept.from_xid,
    toXid: kept.to_xid,
    rowCount: Number(kept.row_count),
    forgedCount: Number(kept.forged_count),
    totalCount: Number(kept.total_count),
    root: kept.root,
    previousHash: kept.previous_hash,
    keyId: kept.key_id,
    signature: kept.signature,
  }
}
