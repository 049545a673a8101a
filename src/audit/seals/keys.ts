import { createHash } from 'node:crypto'
import type { Keyring } from '#db/keyring.ts'

/** The keys that seals are signed with: derived, so that all replicas have the same. */
export interface SealKeys {
  /** The thumbprint of the current public key. */
  readonly id: string
  /** Public keys by their thumbprints: of every key of `ENCRYPTION_KEY`, the current one first. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array>
  /** Signs with the current key. */
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

const label = 'audit-seal'
const algorithm = { name: 'Ed25519' }

/** RFC 8410: what stands before the 32 bytes of the seed in PKCS #8. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Ed25519 pairs (RFC 8032) whose seeds come from the keyring (HKDF, label `audit-seal`). */
export async function sealKeys(keyring: Keyring): Promise<SealKeys> {
  const [first, ...older] = keyring.keys(label)
  const current = await pairOf(first.key)
  const pairs = [current, ...(await Promise.all(older.map(({ key }) => pairOf(key))))]
  return {
    id: thumbprint(current.publicKey),
    publicKeys: new Map(pairs.map(({ publicKey }) => [thumbprint(publicKey), publicKey])),
    sign: async (bytes) =>
      new Uint8Array(await crypto.subtle.sign(algorithm, current.privateKey, Buffer.from(bytes))),
  }
}

/** Checks signatures, with each key imported once. */
export function signatureChecker() {
  const imported = new Map<string, Promise<CryptoKey>>()
  return async (
    publicKey: Uint8Array,
    signature: Uint8Array,
    bytes: Uint8Array,
  ): Promise<boolean> => {
    const name = Buffer.from(publicKey).toString('hex')
    const key = imported.get(name) ?? importPublic(publicKey)
    imported.set(name, key)
    return crypto.subtle.verify(algorithm, await key, Buffer.from(signature), Buffer.from(bytes))
  }
}

/** What names a public key: its JWK thumbprint (RFC 7638 with RFC 8037), base64url. */
export function thumbprint(publicKey: Uint8Array): string {
  const x = Buffer.from(publicKey).toString('base64url')
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}

const importPublic = (publicKey: Uint8Array): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', Buffer.from(publicKey), algorithm, false, ['verify'])

async function pairOf(seed: Uint8Array) {
  const encoded = Buffer.concat([pkcs8Prefix, seed])
  const privateKey = await crypto.subtle.importKey('pkcs8', encoded, algorithm, true, ['sign'])
  const { x } = await crypto.subtle.exportKey('jwk', privateKey)
  if (x === undefined)
    throw new Error('This runtime does not tell the public key of an Ed25519 pair')
  return { privateKey, publicKey: Buffer.from(x, 'base64url') }
}
