import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keyring } from '#db/keyring.ts'

/** Makes and checks the MACs of audit rows. */
export interface RowMacs {
  /**
   * The MAC of a row by the current key: 4 bytes that name the key, 32 of HMAC-SHA-256.
   *
   * @param sealed the row's sealed form
   */
  make(sealed: Uint8Array): Buffer
  /**
   * Whether a row was written by somebody who has a key of the ring. `unknown key`: the master key
   * that it comes from is not in `ENCRYPTION_KEY` any more, so that nobody here can say.
   */
  check(sealed: Uint8Array, mac: Uint8Array): 'right' | 'wrong' | 'unknown key'
}

const label = 'audit-row'
const idLength = 4
const macLength = idLength + 32

/**
 * The MACs of audit rows, by keys of their own (HKDF, label `audit-row`). A seal says that rows did
 * not change since it was made; a MAC says that Caly wrote the row in the first place.
 */
export function rowMacs(keyring: Keyring): RowMacs {
  const keys = keyring.keys(label).map(({ id, key }) => ({ id: Buffer.from(id, 'hex'), key }))
  const [current] = keys
  if (current === undefined) throw new RangeError('MACs need at least one key')
  return {
    make: (sealed) => Buffer.concat([current.id, hmac(current.key, sealed)]),
    check(sealed, mac) {
      if (mac.length !== macLength) return 'wrong'
      const signer = keys.find(({ id }) => id.equals(mac.subarray(0, idLength)))
      if (signer === undefined) return 'unknown key'
      return timingSafeEqual(hmac(signer.key, sealed), mac.subarray(idLength)) ? 'right' : 'wrong'
    },
  }
}

const hmac = (key: Uint8Array, bytes: Uint8Array): Buffer =>
  createHmac('sha256', key).update(bytes).digest()
