/**
 * The addresses that providers report to: a secret in the path says that the caller is the provider,
 * a signature in the query which call it speaks of. Exotel signs nothing itself.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { DerivedKey, Keyring } from '#db/keyring.ts'

/** Which call a callback's address names. */
export type CallReference =
  | { readonly kind: 'signed'; readonly callId: string }
  /** It names one, with a signature that is not ours. */
  | { readonly kind: 'forged' }
  /** It names none: an address from the provider's dashboard. */
  | { readonly kind: 'none' }

/** Makes and checks callback addresses. */
export interface CallbackAddresses {
  /** Where the provider reports about a call. Holds the secret: never log it. */
  urlFor(callId: string): string
  /** Whether the secret in a path is a valid one; takes as long for a wrong one. */
  isSecret(candidate: string): boolean
  /** @param query the address's query, without the question mark */
  referenceIn(query: string): CallReference
}

/** What addresses are made of. */
export interface CallbackAddressOptions {
  readonly keyring: Keyring
  /** The address under which providers reach this service. */
  readonly publicUrl: URL
  /**
   * `EXOTEL_WEBHOOK_SECRET`: the first is handed out, all are taken.
   *
   * @default derived from the keyring, one for each live key
   */
  readonly secrets?: readonly string[] | undefined
}

/**
 * The callback addresses of this service. What an older key of the ring signed stays valid.
 *
 * @throws {RangeError} if `secrets` is empty
 */
export function callbackAddresses(options: CallbackAddressOptions): CallbackAddresses {
  const { keyring, publicUrl, secrets = derivedSecrets(keyring) } = options
  const signingKeys = keyring.keys('callback-signature')
  const [current] = secrets
  if (current === undefined) throw new RangeError('secrets must hold one secret or more')
  const hashes = secrets.map(sha256)

  return {
    urlFor(callId) {
      const url = new URL(`/api/webhooks/exotel/${encodeURIComponent(current)}`, publicUrl)
      url.searchParams.set('call', callId)
      url.searchParams.set('sig', signature(signingKeys[0], callId).toString('base64url'))
      return url.href
    },

    isSecret(candidate) {
      const hash = sha256(candidate)
      // All are compared, whichever fits: equal work for every candidate.
      return hashes.filter((valid) => timingSafeEqual(valid, hash)).length > 0
    },

    referenceIn(query) {
      const parameters = new URLSearchParams(query)
      const callId = parameters.get('call')
      const given = parameters.get('sig')
      if (callId === null && given === null) return { kind: 'none' }
      const claimed = sha256(Buffer.from(given ?? '', 'base64url'))
      const valid = signingKeys.some((key) =>
        timingSafeEqual(sha256(signature(key, callId ?? '')), claimed),
      )
      return valid && callId !== null ? { kind: 'signed', callId } : { kind: 'forged' }
    },
  }
}

function derivedSecrets(keyring: Keyring): readonly string[] {
  return keyring
    .keys('webhook-secret')
    .map(({ key }: DerivedKey) => Buffer.from(key).toString('base64url'))
}

const signature = ({ key }: DerivedKey, callId: string): Buffer =>
  createHmac('sha256', key).update(`exotel ${callId}`).digest()

const sha256 = (value: string | Uint8Array): Buffer => createHash('sha256').update(value).digest()
