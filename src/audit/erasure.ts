import { createHash } from 'node:crypto'
import { type } from 'arktype'

/** The event that tells of an erasure. */
export const erasureEvent = 'AUDIT_ERASED'

/** What it states, of one month each. The actor is not in it: that is what was erased. */
export const erasureDetails = type({
  month: 'string',
  rows: 'number',
  digest: /^[0-9a-f]{64}$/,
})

/**
 * What an erasure states of the rows that it emptied: SHA-256 over their ids (16 bytes each), in
 * their order.
 *
 * @param ids UUIDs as text, ordered
 */
export function erasureDigest(ids: readonly string[]): Buffer {
  const digest = createHash('sha256')
  for (const id of ids) digest.update(Buffer.from(id.replaceAll('-', ''), 'hex'))
  return digest.digest()
}
