import { hashLength } from '../merkle.ts'
import { signatureChecker, thumbprint } from '../seals/keys.ts'
import { noHash, type SignedSeal, sealBytes, sealHash, sealVersion } from '../seals/seal.ts'
import type { Findings } from './findings.ts'

/** What the seals are checked with. */
export interface ChainKeys {
  /** Believed: the head must be signed by one of them. By their thumbprints. */
  readonly trusted: ReadonlyMap<string, Uint8Array>
  /** Kept with the seals. The chain leads from a believed head to whatever they signed before. */
  readonly kept: ReadonlyMap<string, Uint8Array>
}

/** Checks that each seal follows from the one before, and that each was signed. */
export function chainCheck({ trusted, kept }: ChainKeys, findings: Findings) {
  const isSigned = signatureChecker()
  let before: SignedSeal | undefined
  /** Whether the one before is as it was signed: else nothing follows from it. */
  let sureOfBefore = true

  function keyOf(seal: SignedSeal): Uint8Array | undefined {
    const key = trusted.get(seal.keyId) ?? kept.get(seal.keyId)
    return key !== undefined && thumbprint(key) === seal.keyId ? key : undefined
  }

  return {
    /** Looks at the next seal. @returns whether its rows can be judged by it */
    async see(seal: SignedSeal): Promise<boolean> {
      const { position } = seal
      const about = { position }
      const expected = (before?.position ?? 0) + 1
      if (position !== expected)
        findings.add(
          'seal_missing',
          position === expected + 1
            ? `Seal ${expected} is missing`
            : `Seals ${expected} to ${position - 1} are missing`,
          { position: expected },
        )
      else if (!hashBefore(before).equals(Buffer.from(seal.previousHash)))
        findings.add('seal_changed', `Seal ${position} does not follow from the one before`, about)
      const key = keyOf(seal)
      const sound =
        key !== undefined &&
        seal.version === sealVersion &&
        seal.root.length === hashLength &&
        (await isSigned(key, seal.signature, sealBytes(seal)))
      if (key === undefined)
        findings.add(
          'key_unknown',
          `Seal ${position} was signed with a key that is not known`,
          about,
        )
      else if (!sound)
        findings.add('seal_changed', `Seal ${position} is not as it was signed`, about)
      // A signature says that Caly made it; its place is Caly's to keep, too.
      if (sound && sureOfBefore && position === expected) placeOf(seal)
      before = seal
      sureOfBefore = sound
      return sound
    },

    /** Judges the head, once all seals were seen. */
    end(): void {
      if (before !== undefined && !trusted.has(before.keyId))
        findings.add(
          'key_unknown',
          'The last seal was signed with a key that is not one of those that are believed',
          { position: before.position },
        )
    },
  }

  function placeOf(seal: SignedSeal): void {
    const about = { position: seal.position }
    const total = (before?.totalCount ?? 0) + (seal.kind === 'rows' ? seal.rowCount : 0)
    if (seal.totalCount !== total)
      findings.add('seal_out_of_place', `Seal ${seal.position} counts the rows wrongly`, about)
    if (before !== undefined && !follows(before, seal))
      findings.add(
        'seal_out_of_place',
        `Seal ${seal.position} leaves transactions out, or has them twice`,
        about,
      )
  }
}

/** Intervals follow each other without a gap; seals of one interval go through its months. */
function follows(before: SignedSeal, { kind, month, fromXid, toXid }: SignedSeal): boolean {
  // A drop stands at the end of what is sealed, and covers nothing.
  if (kind === 'drop') return fromXid === before.toXid && toXid === before.toXid
  if (BigInt(toXid) <= BigInt(fromXid)) return false
  if (fromXid === before.toXid) return true
  return (
    before.kind === 'rows' &&
    fromXid === before.fromXid &&
    toXid === before.toXid &&
    month > before.month
  )
}

const hashBefore = (seal: SignedSeal | undefined): Buffer =>
  seal === undefined ? Buffer.from(noHash) : sealHash(seal)
