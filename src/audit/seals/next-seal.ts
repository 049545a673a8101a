import type { SealKeys } from './keys.ts'
import { noHash, type Seal, type SignedSeal, sealBytes, sealHash, sealVersion } from './seal.ts'

/** What of a seal does not follow from the one before. */
export type SealContent = Pick<
  Seal,
  'kind' | 'month' | 'fromXid' | 'toXid' | 'rowCount' | 'forgedCount' | 'root'
>

/** The seal that follows another. @param now milliseconds since the epoch */
export const nextSeal = (
  before: Seal | undefined,
  now: number,
  content: SealContent,
): Omit<Seal, 'keyId'> => ({
  ...content,
  version: sealVersion,
  position: (before?.position ?? 0) + 1,
  createdAt: new Date(now),
  totalCount: (before?.totalCount ?? 0) + (content.kind === 'rows' ? content.rowCount : 0),
  previousHash: before === undefined ? noHash : sealHash(before),
})

/** Signs a seal with the current key. */
export async function signed(keys: SealKeys, seal: Omit<Seal, 'keyId'>): Promise<SignedSeal> {
  const complete = { ...seal, keyId: keys.id }
  return { ...complete, signature: await keys.sign(sealBytes(complete)) }
}

/**
 * The month of a time, `YYYY-MM` in UTC. @param at milliseconds since the epoch; what no calendar
 * has, and only somebody else can have written, is in the month `unknown`
 */
export const monthOf = (at: number): string =>
  Number.isNaN(new Date(at).getTime()) ? 'unknown' : new Date(at).toISOString().slice(0, 7)
