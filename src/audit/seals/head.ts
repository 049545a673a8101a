import type { Queries } from '../rows/read-rows.ts'
import { type SealKeys, signatureChecker } from './keys.ts'
import { type SignedSeal, sealBytes, sealHash } from './seal.ts'
import { lastSeal, sealAt } from './store.ts'

/**
 * The end of the chain is not Caly's: another seal on top of it would speak for whatever somebody else
 * put there.
 */
export class UntrustedSealError extends Error {
  override readonly name = 'UntrustedSealError'
}

/** What a process has seen of the chain: each seal speaks for all before it, so the last is enough. */
export class SealMemory {
  #seen: { readonly position: number; readonly hash: Buffer } | undefined

  /** Remembers a seal that is committed. */
  see(seal: SignedSeal): void {
    if (seal.position > (this.#seen?.position ?? 0))
      this.#seen = { position: seal.position, hash: sealHash(seal) }
  }

  /**
   * Looks whether the chain still has the seal that was seen last.
   *
   * @param head the last one by now
   * @throws {UntrustedSealError} if it has not
   */
  async recognise(queries: Queries, head: SignedSeal | undefined): Promise<void> {
    if (this.#seen === undefined) return
    const { position, hash } = this.#seen
    const now = head?.position === position ? head : await sealAt(queries, position)
    if (now === undefined)
      throw new UntrustedSealError(
        `The audit seals were cut off: seal ${position}, which this process has seen, is gone. If the database was put back to an earlier state, restart Caly; else see docs/audit.md`,
      )
    if (!hash.equals(sealHash(now)))
      throw new UntrustedSealError(
        `The audit seals were written anew: seal ${position} is another one than this process has seen. See docs/audit.md`,
      )
  }
}

/** What the end of the chain is checked with. */
export interface HeadCheck {
  readonly keys: SealKeys
  /** What this process has seen; whoever makes a seal adds it once it is committed. @default nothing */
  readonly memory?: SealMemory
}

/**
 * The seal that the next one is to follow. The verifier believes what lies before a believed head, so
 * nothing may be put on top of a head that no key of `ENCRYPTION_KEY` has signed.
 *
 * @returns undefined while there is none
 * @throws {UntrustedSealError} if it is not Caly's, or another than this process has seen
 */
export async function trustedHead(
  queries: Queries,
  { keys, memory }: HeadCheck,
): Promise<SignedSeal | undefined> {
  const head = await lastSeal(queries)
  await memory?.recognise(queries, head)
  if (head === undefined) return undefined
  const { position, keyId, signature } = head
  const key = keys.publicKeys.get(keyId)
  if (key === undefined)
    throw new UntrustedSealError(
      `Seal ${position} of the audit trail is by the key ${keyId}, which comes from no key of ENCRYPTION_KEY. After a change of ENCRYPTION_KEY, put the old key behind the new one until a seal is made; else see docs/audit.md`,
    )
  if (!(await signatureChecker()(key, signature, sealBytes(head))))
    throw new UntrustedSealError(
      `Seal ${position} of the audit trail is not as it was signed. See docs/audit.md`,
    )
  memory?.see(head)
  return head
}
