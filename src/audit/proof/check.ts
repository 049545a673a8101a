import { canonicalJson } from '../canonical-json.ts'
import { leafHash, rootOfPath, sha256 } from '../merkle.ts'
import { personalCommitment, personalDetails, sealedForm } from '../sealed-form.ts'
import { signatureChecker, thumbprint } from '../seals/keys.ts'
import { hex } from '../seals/seal.ts'
import type { Anchors } from '../verify/anchors.ts'
import type { Proof } from './format.ts'

/** What a proof is checked against. */
export interface ProofCheck {
  /** The thumbprint of the key that is believed: from the log, an anchor or the operator. */
  readonly keyId: string
  /** Heads that left the database. @default none are compared */
  readonly anchors?: Anchors
}

/**
 * Checks a proof, with nothing but itself and a key that is believed.
 *
 * @returns what is wrong with it, in sentences; nothing where the row is proven
 */
export async function checkProof(
  proof: Proof,
  { keyId, anchors = new Map() }: ProofCheck,
): Promise<string[]> {
  const { seal } = proof
  const sealBytes = Buffer.from(canonicalJson(seal))
  const publicKey = bytes(proof.publicKey)
  const wrong: string[] = []
  if (thumbprint(publicKey) !== keyId || seal.keyId !== keyId)
    wrong.push('The seal was signed with another key than the one that is believed')
  else if (!(await signatureChecker()(publicKey, bytes(proof.signature), sealBytes)))
    wrong.push('The seal is not as it was signed')
  const root = rootOfPath(leafOf(proof), {
    index: proof.leafIndex,
    size: seal.rowCount,
    path: proof.path.map(bytes),
  })
  if (root === undefined || hex(root) !== seal.root) wrong.push('The row is not in the seal')
  if (!opens(proof)) wrong.push('The personal fields are not those of the row')
  const anchored = anchors.get(seal.position)
  if (anchored !== undefined && anchored !== hex(sha256(sealBytes)))
    wrong.push('Another seal was anchored at this position')
  return wrong
}

function leafOf({ row }: Proof): Buffer {
  const form = sealedForm({
    ...row,
    createdAt: new Date(row.createdAt),
    personalCommitment: bytes(row.personalCommitment),
  })
  const writtenBy = Buffer.alloc(8)
  writtenBy.writeBigUInt64BE(BigInt.asUintN(64, BigInt(row.writtenBy)))
  return leafHash(Buffer.concat([form, writtenBy]))
}

function opens({ row, personal }: Proof): boolean {
  if (personal === undefined) return true
  const details = { [personalDetails]: personal.details }
  const commitment = personalCommitment(bytes(personal.salt), { ...personal, details })
  return hex(commitment) === row.personalCommitment
}

const bytes = (digits: string): Buffer => Buffer.from(digits, 'hex')
