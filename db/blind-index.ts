import { createHmac } from 'node:crypto'
import type { Keyring } from './keyring.ts'

/** Finds rows by a value that the database never sees. */
export interface BlindIndex {
  /** What to store beside the sealed value: 32 bytes. */
  current(value: string): Uint8Array
  /** All that may be stored for the value: one for each live key. Search for any of them. */
  all(value: string): Uint8Array[]
}

/**
 * HMAC-SHA-256 of the value: equal values have equal indexes, and without the key a value cannot be
 * guessed from one, however few values there are.
 *
 * @param label what is indexed: the same value under another label has another index
 */
export function blindIndex(keyring: Keyring, label: string): BlindIndex {
  const [current, ...older] = keyring.keys(`blind-index ${label}`)
  const index = (key: Uint8Array, value: string): Uint8Array =>
    createHmac('sha256', key).update(value, 'utf8').digest()
  return {
    current: (value) => index(current.key, value),
    all: (value) => [current, ...older].map(({ key }) => index(key, value)),
  }
}
