import { Characters, hexadecimal, hexadecimals } from './characters.ts'

const backslash = 0x5c

/**
 * Takes one layer of `\x41`, `\u0041` and `\u{41}` off, the escapes of JavaScript, JSON, Java and C
 * that name a character by its number; other escapes are their language's own.
 */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  const first = text.search(/\\[xu][\da-f{]/i)
  if (first < 0) return text
  const read = new Characters(text, first)
  for (let at = first; at < text.length; ) {
    const code = text.charCodeAt(at)
    const length = code === backslash ? escapeLength(text, at) : 0
    if (length === 0) {
      read.add(code)
      at++
      continue
    }
    const braced = text.charCodeAt(at + 2) === brace
    read.addPoint(
      braced
        ? Number.parseInt(text.slice(at + 3, at + length - 1), 16)
        : hexadecimals(text, at + 2, length - 2),
    )
    at += length
  }
  return read.toString()
}

const brace = 0x7b

/** Eight zeros and six digits at most, between the braces of an escape. */
const longest = 14

/** How long the escape at a place is: 0 where there is none. */
function escapeLength(text: string, at: number): number {
  const kind = text.charCodeAt(at + 1) | 0x20
  if (kind === 0x78) return hexadecimals(text, at + 2, 2) < 0 ? 0 : 4
  if (kind !== 0x75) return 0
  if (text.charCodeAt(at + 2) !== brace) return hexadecimals(text, at + 2, 4) < 0 ? 0 : 6
  let end = at + 3
  while (end < at + 3 + longest && hexadecimal(text.charCodeAt(end)) >= 0) end++
  return end > at + 3 && text.charCodeAt(end) === 0x7d ? end + 1 - at : 0
}
