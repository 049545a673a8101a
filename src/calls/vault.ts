/** What is personal about a call: one sealed blob a row, and blind indexes to find it by number. */
import { type Type, type } from 'arktype'
import { blindIndex } from '#db/blind-index.ts'
import { fieldCipher } from '#db/field-cipher.ts'
import type { Keyring } from '#db/keyring.ts'
import { compiledWhenHot } from '../compiled-when-hot.ts'

/** What a call's sealed blob holds. */
export interface CallSecrets {
  /** E.164, or what an incoming call's provider said (`sip:…`, `anonymous`). */
  readonly from: string
  readonly to: string
  readonly customField: string | null
  readonly notes: string | null
  /** Where the provider's record says that the recording lies. */
  readonly recordingUrl?: string | null | undefined
}

const callSecrets = type('string.json.parse').to({
  from: 'string',
  to: 'string',
  customField: 'string | null',
  notes: 'string | null',
  'recordingUrl?': 'string | null',
})

/** A webhook as it came: what its sealed blob holds. */
const storedMessage = type('string.json.parse').to({
  method: 'string',
  query: 'string',
  contentType: 'string',
  body: 'string.base64',
})

const readSecrets = asserted(callSecrets)
const readMessage = asserted(storedMessage)

/** Reads what a blob holds: twenty a page, so that it is worth compiling. It was ours when it was sealed. */
function asserted<const T extends Type<unknown>>(schema: T): (text: string) => T['infer'] {
  const read = compiledWhenHot(schema)
  return (text) => {
    const value = read(text)
    return value instanceof type.errors ? value.throw() : value
  }
}

/** Seals and opens what `calls`, `webhook_events` and `idempotency_keys` keep of people. */
export type Vault = ReturnType<typeof vault>

/** @param keyring whose first key seals, and all of whose keys open */
export function vault(keyring: Keyring) {
  const cipher = fieldCipher(keyring)
  const numbers = blindIndex(keyring, 'phone-number')
  const requests = blindIndex(keyring, 'idempotent-request')
  const messages = blindIndex(keyring, 'webhook-message')
  const tombstones = blindIndex(keyring, 'erased-call')
  const place = (table: string, id: string) => ({ table, id, column: 'sealed' })

  const sealCall = (id: string, secrets: CallSecrets): Uint8Array =>
    cipher.seal(JSON.stringify(secrets), place('calls', id))

  return {
    /** Whether the current key sealed it; every blind index beside it is then that key's too. */
    isCurrent: (sealed: Uint8Array): boolean => cipher.isCurrent(sealed),

    /** The blind index of a number, as it is stored now. */
    number: (number: string): Uint8Array => numbers.current(number),
    /** All values that a stored number may have: one for each live key. */
    numberEverywhere: (number: string): readonly Uint8Array[] => numbers.all(number),

    /**
     * What a call's row keeps of its secrets. Always written together: an index under an old key
     * beside a blob under the new one would be missed by a rotation.
     */
    callColumns: (id: string, secrets: CallSecrets) => ({
      sealed: sealCall(id, secrets),
      fromIndex: numbers.current(secrets.from),
      toIndex: numbers.current(secrets.to),
    }),
    /** @throws if the blob is not this row's, or its key is gone */
    openCall: (id: string, sealed: Uint8Array): CallSecrets =>
      readSecrets(cipher.open(sealed, place('calls', id))),

    sealMessage: (id: string, message: StoredMessage): Uint8Array =>
      cipher.seal(
        JSON.stringify({ ...message, body: Buffer.from(message.body).toString('base64') }),
        place('webhook_events', id),
      ),
    /** @throws if the blob is not this row's, or its key is gone */
    openMessage(id: string, sealed: Uint8Array): StoredMessage {
      const message = readMessage(cipher.open(sealed, place('webhook_events', id)))
      return { ...message, body: new Uint8Array(Buffer.from(message.body, 'base64')) }
    },

    sealAnswer: (id: string, answer: unknown): Uint8Array =>
      cipher.seal(JSON.stringify(answer), place('idempotency_keys', id)),
    /** @throws if the blob is not this row's, or its key is gone */
    openAnswer: (id: string, sealed: Uint8Array): unknown =>
      JSON.parse(cipher.open(sealed, place('idempotency_keys', id))),

    /** What makes two requests the same; keyed, since few numbers are possible. */
    request: (text: string): Uint8Array => requests.current(text),
    requestEverywhere: (text: string): readonly Uint8Array[] => requests.all(text),
    /** What makes two deliveries the same event; keyed for the same reason. */
    fingerprint: (text: string): Uint8Array => messages.current(text),
    fingerprintEverywhere: (text: string): readonly Uint8Array[] => messages.all(text),

    /** Takes the place of the provider's id in an erased call: recognised, never read. */
    tombstone: (providerCallId: string): string => spell(tombstones.current(providerCallId)),
    tombstonesEverywhere: (providerCallId: string): readonly string[] =>
      tombstones.all(providerCallId).map(spell),
  }
}

/** A webhook byte for byte. */
export interface StoredMessage {
  readonly method: string
  readonly query: string
  readonly contentType: string
  readonly body: Uint8Array
}

const spell = (index: Uint8Array): string => `erased:${Buffer.from(index).toString('base64url')}`
