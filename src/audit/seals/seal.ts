import { canonicalJson } from '../canonical-json.ts'
import { hashLength, sha256 } from '../merkle.ts'

/** What a seal states. Each is a row of `audit_seals`. */
export interface Seal {
  /** 1, 2, 3 …, without a gap. */
  readonly position: number
  readonly version: number
  /** `rows`: seals rows. `drop`: notes that retention dropped a month. */
  readonly kind: 'rows' | 'drop'
  readonly createdAt: Date
  /** `YYYY-MM`, UTC. */
  readonly month: string
  /** Rows written by this transaction and later ones, in decimal. */
  readonly fromXid: string
  /** Rows written by earlier transactions than this one. */
  readonly toXid: string
  /** Rows of the seal; of a drop: all rows that the month had. */
  readonly rowCount: number
  /** How many of them had no valid MAC when they were sealed. */
  readonly forgedCount: number
  /** Rows of this seal and of all before. A drop adds none, and takes none away. */
  readonly totalCount: number
  /** Of the tree over the rows, ordered by id; of a drop: of no rows. */
  readonly root: Uint8Array
  /** {@linkcode sealHash} of the seal before; 32 zero bytes for the first. */
  readonly previousHash: Uint8Array
  /** Thumbprint of the key that signs. */
  readonly keyId: string
}

/** A seal with its signature (Ed25519, over {@linkcode sealBytes}). */
export interface SignedSeal extends Seal {
  readonly signature: Uint8Array
}

/** The version of the seals that are made now. */
export const sealVersion = 1

/** What the first seal holds for the hash of the one before. */
export const noHash: Uint8Array = new Uint8Array(hashLength)

/** What is signed: the seal as canonical JSON (RFC 8785), in UTF-8. */
export const sealBytes = (seal: Seal): Buffer => Buffer.from(canonicalJson(sealJson(seal)))

/** SHA-256 of {@linkcode sealBytes}: what the next seal holds, and an anchor compares. */
export const sealHash = (seal: Seal): Buffer => sha256(sealBytes(seal))

/** A seal in JSON, as anchors and proofs carry it. Bytes are hex. */
export type SealJson = ReturnType<typeof sealJson>

/** A seal in JSON; the version is in `type`. */
export const sealJson = (seal: Seal) => ({
  type: `caly-audit-seal/${seal.version}`,
  position: seal.position,
  kind: seal.kind,
  createdAt: seal.createdAt.toISOString(),
  month: seal.month,
  fromXid: seal.fromXid,
  toXid: seal.toXid,
  rowCount: seal.rowCount,
  forgedCount: seal.forgedCount,
  totalCount: seal.totalCount,
  root: hex(seal.root),
  previousHash: hex(seal.previousHash),
  keyId: seal.keyId,
})

/** Bytes as lower-case hex. */
export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
