/** Bytes as they stand in addresses, and the two older spellings of a character there. */
const escapes = /(?:%[0-9a-f]{2})+|%u[0-9a-f]{4}/gi

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
  return whole.replace(escapes, (run) =>
    run.charCodeAt(1) > 0x66 || run.charCodeAt(1) === 0x55
      ? String.fromCharCode(Number.parseInt(run.slice(2), 16))
      : characters(run),
  )
}

function joined(found: string, first: string, second: string): string {
  const pair = String.fromCharCode(Number.parseInt(first, 16), Number.parseInt(second, 16))
  return /^[0-9a-f]{2}$/i.test(pair) ? `%${pair}` : found
}

function characters(run: string): string {
  const bytes: number[] = []
  for (let at = 1; at < run.length; at += 3) bytes.push(Number.parseInt(run.slice(at, at + 2), 16))
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    text += character(bytes, at, length)
    at += length
  }
  return text
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

function character(bytes: readonly number[], at: number, length: number): string {
  const lead = bytes[at] ?? 0
  if (length === 1) return String.fromCharCode(lead)
  let code = lead & (0x7f >> length)
  for (let next = at + 1; next < at + length; next++) code = code * 64 + ((bytes[next] ?? 0) & 0x3f)
  // `%c0%5c`: the second byte meant itself, or else it would be a control character.
  if (lead < 0xc2 && code < 0x20) code = bytes[at + 1] ?? 0
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
}
