/**
 * How an API key is written: `caly_live_<id>_<secret>`. The id is the row's UUID in base 62, so a
 * key names its row; the secret is 256 random bits and a CRC-32 of all before it, so that a
 * mistyped or invented key is refused without a query.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Digits that 128, 256 and 32 bits need. */
const [idLength, secretLength, checksumLength] = [22, 43, 6]

const pattern = new RegExp(
  `^(caly_live_([0-9A-Za-z]{${idLength}}))_([0-9A-Za-z]{${secretLength}})([0-9A-Za-z]{${checksumLength}})$`,
)

/** A key as it is handed out once, and what is kept of it. */
export interface NewApiKey {
  /** The whole key. */
  readonly key: string
  /** What is shown of it afterwards. */
  readonly prefix: string
  readonly hash: Uint8Array
}

/** What a well-formed key says. */
export interface ParsedApiKey {
  readonly id: string
  readonly hash: Uint8Array
}

/**
 * Writes the key of a row.
 *
 * @param id the row's UUID
 * @param secret 32 random bytes
 */
export function formatApiKey(
  id: string,
  secret: Uint8Array = crypto.getRandomValues(new Uint8Array(32)),
): NewApiKey {
  const number = BigInt(`0x${id.replaceAll('-', '')}`)
  const prefix = `caly_live_${base62(number, idLength)}`
  const body = `${prefix}_${base62(BigInt(`0x${Buffer.from(secret).toString('hex')}`), secretLength)}`
  const key = body + checksumOf(body)
  return { key, prefix, hash: hashOf(key) }
}

/** Reads a key; undefined where form or checksum are wrong. */
export function parseApiKey(text: string): ParsedApiKey | undefined {
  const [, prefix, id, secret, checksum] = pattern.exec(text) ?? []
  if (id === undefined || checksum !== checksumOf(`${prefix}_${secret}`)) return undefined
  const uuid = uuidOf(id)
  return uuid === undefined ? undefined : { id: uuid, hash: hashOf(text) }
}

/** 256 random bits need no slow hash. */
const hashOf = (key: string): Uint8Array => createHash('sha256').update(key).digest()

const checksumOf = (body: string): string => base62(BigInt(crc32(body)), checksumLength)

function base62(value: bigint, length: number): string {
  let digits = ''
  for (let rest = value; digits.length < length; rest /= 62n)
    digits = alphabet.charAt(Number(rest % 62n)) + digits
  return digits
}

function uuidOf(digits: string): string | undefined {
  let value = 0n
  for (const digit of digits) value = value * 62n + BigInt(alphabet.indexOf(digit))
  if (value >= 1n << 128n) return undefined
  const hex = value.toString(16).padStart(32, '0')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
