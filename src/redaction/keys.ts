/** Which names stand for secrets, however they are spelled. */

/** Fragments that give a name away wherever they stand in it, spelled together in lower case. */
const fragments = new RegExp(
  [
    'passw(?:or)?d|passphrase|passcode|passkey|secret(?!ar)|token(?!iz)|authori[sz]ation',
    'cookie|credential|bearer|cvv|connectionstring',
    '(?:api|access|private|secret|signing|encryption|master|session|service)key',
    '(?:one ?time|verification|security|recovery|backup|auth)codes?$',
    '^otp|otp$|otpcode|pincode|(?:user|card|atm|login|new|old)pin$',
  ].join('|'),
)

/** Words that do so only by themselves: `pin` is a secret, `shipping` is none. */
const words = new Set([
  ...['pwd', 'pass', 'pw', 'pin', 'mpin', 'tpin', 'otp', 'totp', 'cvc', 'cvc2', 'csc', 'jwt'],
  ...['sig', 'signature', 'dsn'],
])

/** Last words that make it a fact about a secret instead. */
const facts = new Set([
  ...['count', 'counts', 'type', 'length', 'at', 'expires', 'expiry', 'in', 'ttl', 'lifetime'],
  ...['limit', 'kind', 'policy', 'algorithm', 'status', 'required', 'enabled', 'changed'],
  ...['strength', 'issuer', 'audience', 'id', 'ids', 'name', 'names', 'prefix', 'reason'],
  // A file's: stack frames name refresh-token.ts:12.
  ...['ts', 'js', 'mjs', 'cjs', 'json'],
])

/** A number under one of these is a person's. */
const phones = /phone|mobile|msisdn|callerid|whatsapp/

/** What a name says of its value. */
export type KeyKind = 'secret' | 'auth' | 'phone' | 'plain'

/** Names repeat: each is judged once. Bounded, since some are the client's. */
const judged = new Map<string, KeyKind>()
const judgedLimit = 2000
const nameLimit = 128

/**
 * Judges a name: camelCase, snake_case, kebab-case, Header-Case, in capitals or run together.
 * `auth` stands for a secret where its value is a text, and for a group of settings otherwise.
 */
export function kindOfKey(name: string): KeyKind {
  const known = judged.get(name)
  if (known !== undefined) return known
  const kind = judge(name.slice(0, nameLimit))
  if (name.length <= nameLimit) {
    if (judged.size >= judgedLimit) judged.clear()
    judged.set(name, kind)
  }
  return kind
}

function judge(name: string): KeyKind {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '')
  const together = parts.join('')
  if (fragments.test(together) || parts.some((part) => words.has(part)))
    return facts.has(parts.at(-1) ?? '') ? 'plain' : 'secret'
  if (parts.at(-1) === 'auth') return 'auth'
  return phones.test(together) ? 'phone' : 'plain'
}
