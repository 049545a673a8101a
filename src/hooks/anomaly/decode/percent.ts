import { Characters, hexadecimals } from './characters.ts'

/** What a percent sign encodes. */
const encoded = /%(?:[0-9a-f]{2}|u[0-9a-f]{4})/i

/** A percent sign wrapped digit by digit: `%%32%65`, and the `%%32%%65` that tools send. */
const digits = /%%([346][0-9a-f])%{1,2}([346][0-9a-f])/gi

/**
 * Takes one layer of percent-encoding off (RFC 3986 §2.1), as the most lenient server would:
 * `%u0041` counts, and so do UTF-8 sequences that are too long or broken (CWE-173). A byte that is
 * no part of any character stays a byte: the character of Latin-1.
 */
export function unpercent(text: string): string {
  if (!text.includes('%')) return text
  const whole = text.includes('%%') ? text.replace(digits, joined) : text
  const first = whole.search(encoded)
  if (first < 0) return whole
  const read = new Characters(whole, first)
  for (let at = first; at < whole.length; ) {
    const code = whole.charCodeAt(at)
    const length = code === percent ? decoded(whole, at, read) : 0
    if (length === 0) read.add(code)
    at += Math.max(length, 1)
  }
  return read.toString()
}

const percent = 0x25

/** Decodes what begins at a percent sign, and says how long it was: 0 where it encodes nothing. */
function decoded(text: string, at: number, read: Characters): number {
  const byte = hexadecimals(text, at + 1, 2)
  if (byte < 0) return unit(text, at, read)
  if (byte < 0x80) {
    read.add(byte)
    return 3
  }
  const bytes = bytesAt(text, at)
  const length = sequenceLength(bytes, 0)
  read.addPoint(character(bytes, 0, length))
  return length * 3
}

/** `%u0041`: a character of UTF-16, as old browsers and servers wrote it. */
function unit(text: string, at: number, read: Characters): number {
  if ((text.charCodeAt(at + 1) | 0x20) !== 0x75) return 0
  const value = hexadecimals(text, at + 2, 4)
  if (value < 0) return 0
  read.add(value)
  return 6
}

/** The bytes of a run, as many as one character can have. */
function bytesAt(text: string, start: number): readonly number[] {
  const bytes: number[] = []
  for (let at = start; bytes.length < 6 && text.charCodeAt(at) === percent; at += 3) {
    const byte = hexadecimals(text, at + 1, 2)
    if (byte < 0) break
    bytes.push(byte)
  }
  return bytes
}

function joined(found: string, first: string, second: string): string {
  const pair = String.fromCharCode(Number.parseInt(first, 16), Number.parseInt(second, 16))
  return /^[0-9a-f]{2}$/i.test(pair) ? `%${pair}` : found
}

/** How many bytes make the character at a place: 1 where they make none. */
function sequenceLength(bytes: readonly number[], at: number): number {
  const lead = bytes[at] ?? 0
  if (lead < 0xc0 || lead > 0xfd) return 1
  // C0 and C1 begin nothing in UTF-8: decoders that take them take what follows, whatever it is.
  if (lead < 0xc2) return at + 1 < bytes.length ? 2 : 1
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : lead < 0xfc ? 5 : 6
  for (let next = at + 1; next < at + length; next++)
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 1
  return length
}

function character(bytes: readonly number[], at: number, length: number): number {
  const lead = bytes[at] ?? 0
  if (length === 1) return lead
  let code = lead & (0x7f >> length)
  for (let next = at + 1; next < at + length; next++) code = code * 64 + ((bytes[next] ?? 0) & 0x3f)
  // `%c0%5c`: the second byte meant itself, or else it would be a control character.
  if (lead < 0xc2 && code < 0x20) code = bytes[at + 1] ?? 0
  return code
}
