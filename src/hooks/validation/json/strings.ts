/** What is odd about a JSON string, beside its end. */
export interface StringEnd {
  /** Index of the closing quote; -1 where there is none. */
  end: number
  /** Whether it has a backslash: what it says must be decoded. */
  escaped: boolean
  /** Whether it says U+0000. */
  nul: boolean
  /** Whether it says half of a surrogate pair, which is no text (RFC 8259 §8.2). */
  half: boolean
}

const backslashCode = 0x5c
const u = 0x75

/**
 * Finds the ends of the strings in a JSON text, from left to right. Escapes alone are looked at:
 * whatever else is odd cannot stand in valid UTF-8, or is refused by `JSON.parse`.
 *
 * Linear over all calls together: the next quote and the next backslash are each searched for once.
 */
export function stringEnds(text: string): (start: number) => Readonly<StringEnd> {
  let quote = -1
  let backslash = -1
  const found: StringEnd = { end: -1, escaped: false, nul: false, half: false }

  const nextFrom = (character: string, from: number): number => {
    const index = text.indexOf(character, from)
    return index === -1 ? text.length : index
  }

  return (start) => {
    found.escaped = false
    found.nul = false
    found.half = false
    let index = start
    for (;;) {
      if (quote < index) quote = nextFrom('"', index)
      if (backslash < index) backslash = nextFrom('\\', index)
      if (backslash >= quote) {
        found.end = quote === text.length ? -1 : quote
        return found
      }
      found.escaped = true
      index = backslash + 2
      if (text.charCodeAt(backslash + 1) !== u) continue
      index = backslash + 6
      const unit = hexAt(text, backslash + 2)
      if (unit === 0) found.nul = true
      if (unit < 0xd800 || unit > 0xdfff) continue
      const paired = unit < 0xdc00 && isLowSurrogate(text, index)
      if (paired) index += 6
      else found.half = true
    }
  }
}

const isLowSurrogate = (text: string, index: number): boolean => {
  if (text.charCodeAt(index) !== backslashCode || text.charCodeAt(index + 1) !== u) return false
  const unit = hexAt(text, index + 2)
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** The number that four hex digits say; -1 for anything else, which `JSON.parse` refuses. */
function hexAt(text: string, index: number): number {
  const digits = text.slice(index, index + 4)
  return /^[\da-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
}
