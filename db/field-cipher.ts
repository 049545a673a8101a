import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Keyring } from './keyring.ts'

/** Where a sealed value stands. It opens nowhere else: a blob moved to another row is refused. */
export interface FieldPlace {
  readonly table: string
  /** The row's id. */
  readonly id: string
  readonly column: string
}

/** Seals what is personal before it reaches the database. */
export interface FieldCipher {
  /** Encrypts a text (JSON, usually) with the current key. */
  seal(text: string, place: FieldPlace): Uint8Array
  /** @throws {SealedFieldError} if it was not sealed for this place, with a key of this ring */
  open(blob: Uint8Array, place: FieldPlace): string
  /** Whether the current key sealed it: if not, a rotation has it sealed anew. */
  isCurrent(blob: Uint8Array): boolean
}

/** A sealed value cannot be opened. Says why in a word, and nothing of the value. */
export class SealedFieldError extends Error {
  override readonly name = 'SealedFieldError'
  readonly reason: 'malformed' | 'unknown key' | 'altered'

  constructor(reason: SealedFieldError['reason'], { table, column }: FieldPlace) {
    super(`The sealed ${table}.${column} cannot be opened: ${reason}`)
    this.reason = reason
  }
}

const label = 'field-encryption'
const version = 1
const nonceLength = 12
const tagLength = 16

/** version | key id (4) | nonce | tag | ciphertext */
const keyIdAt = 1
const nonceAt = keyIdAt + 4
const tagAt = nonceAt + nonceLength
const textAt = tagAt + tagLength

/**
 * AES-256-GCM with a random nonce, the place as associated data. Synchronous `node:crypto`: for
 * fields of a few hundred bytes Web Crypto takes seven times as long. Random nonces of 96 bits are
 * safe for 2^32 fields a key (NIST SP 800-38D, 8.3).
 */
export function fieldCipher(keyring: Keyring): FieldCipher {
  const keys = keyring.keys(label).map(({ id, key }) => ({ id: Buffer.from(id, 'hex'), key }))
  const [current] = keys
  if (current === undefined) throw new RangeError('A field cipher needs at least one key')
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce)
      cipher.setAAD(associated(place))
      const head = cipher.update(text, 'utf8')
      const tail = cipher.final()
      const start = Buffer.of(version)
      return Buffer.concat([start, current.id, nonce, cipher.getAuthTag(), head, tail])
    },

    open(blob, place) {
      const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
      if (bytes.length < textAt || bytes[0] !== version)
        throw new SealedFieldError('malformed', place)
      const id = bytes.subarray(keyIdAt, nonceAt)
      const sealer = keys.find((candidate) => candidate.id.equals(id))
      if (sealer === undefined) throw new SealedFieldError('unknown key', place)
      const nonce = bytes.subarray(nonceAt, tagAt)
      const decipher = createDecipheriv('aes-256-gcm', sealer.key, nonce)
      decipher.setAAD(associated(place))
      decipher.setAuthTag(bytes.subarray(tagAt, textAt))
      try {
        const head = decipher.update(bytes.subarray(textAt))
        return Buffer.concat([head, decipher.final()]).toString('utf8')
      } catch {
        throw new SealedFieldError('altered', place)
      }
    },

    isCurrent: (blob) => blob[0] === version && current.id.equals(blob.subarray(keyIdAt, nonceAt)),
  }
}

/** Separated by a byte that no name holds, so that no two places give the same. */
const associated = ({ table, id, column }: FieldPlace): Buffer =>
  Buffer.from(`${table}\0${id}\0${column}`, 'utf8')
