import { eq } from 'drizzle-orm'
import type { Drizzle } from '#db/database.ts'
import { auditLogs } from '#db/schema/index.ts'
import { inclusionPath } from '../merkle.ts'
import type { Queries } from '../rows/read-rows.ts'
import { personalDetails } from '../sealed-form.ts'
import { monthOf } from '../seals/next-seal.ts'
import { hex, type SignedSeal, sealJson } from '../seals/seal.ts'
import { keptKeys, leavesOf, sealAt } from '../seals/store.ts'
import { type Proof, proofType } from './format.ts'

/** Why a row cannot be proven; the message is for whoever asked. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
}

/** What a proof is made from. */
export interface ProveOptions {
  readonly db: Drizzle
  readonly client: Queries
  /** Public keys by their thumbprints: those of `ENCRYPTION_KEY`. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array>
  /** Whether address, user agent, actor and personal details go along. */
  readonly personal: boolean
}

/**
 * Makes the proof that a row is in the trail.
 *
 * @throws {ProofError} if there is no such row, it is not sealed yet, or its seal cannot be used
 */
export async function proveRow(options: ProveOptions, rowId: string): Promise<Proof> {
  const { db, client, publicKeys, personal } = options
  const find = () => db.select().from(auditLogs).where(eq(auditLogs.id, rowId)).limit(1)
  const [row] = await find()
  if (row === undefined) throw new ProofError('There is no row with this id')
  const seal = await sealOf(client, monthOf(row.createdAt.getTime()), row.writtenBy)
  if (seal === undefined) throw new ProofError('The row is not sealed yet: try again in a minute')
  const publicKey = publicKeys.get(seal.keyId) ?? (await keptKeys(client)).get(seal.keyId)
  const leaves = await leavesOf(client, seal.position)
  const index = leaves?.indexOf(Buffer.from(rowId.replaceAll('-', ''), 'hex')) ?? -1
  if (publicKey === undefined || leaves === undefined || index < 0) {
    // Retention may have dropped the month, and the leaves with it, since the row was read.
    const [still] = await find()
    throw new ProofError(
      still === undefined
        ? 'There is no row with this id'
        : 'The seal of the row is damaged: run caly audit verify',
    )
  }
  const { [personalDetails]: personalPart, ...details } = row.details
  const { id, clientId, eventType, severity, outcome, actorType, requestId, traceId } = row
  const { method, path, statusCode, resourceType, resourceId, writtenBy } = row
  return {
    type: proofType,
    row: {
      id,
      createdAt: row.createdAt.toISOString(),
      clientId,
      personalCommitment: hex(row.personalCommitment),
      eventType,
      severity,
      outcome,
      actorType,
      requestId,
      traceId,
      method,
      path,
      statusCode,
      resourceType,
      resourceId,
      details,
      writtenBy,
    },
    ...(personal &&
      row.personalSalt !== null && {
        personal: {
          salt: hex(row.personalSalt),
          ip: row.ip,
          userAgent: row.userAgent,
          actorId: row.actorId,
          ...(personalPart !== undefined && { details: personalPart }),
        },
      }),
    leafIndex: index,
    path: inclusionPath(leaves.hashes(), index).map(hex),
    seal: sealJson(seal),
    signature: hex(seal.signature),
    publicKey: hex(publicKey),
  }
}

async function sealOf(
  client: Queries,
  month: string,
  writtenBy: string,
): Promise<SignedSeal | undefined> {
  const { rows } = await client.query({
    text: `select position from audit_seals
      where kind = 'rows' and month = $1 and from_xid <= $2::xid8 and to_xid > $2::xid8
      order by position limit 1`,
    values: [month, writtenBy],
  })
  const [row] = rows as readonly { readonly position: string }[]
  return row && sealAt(client, Number(row.position))
}
