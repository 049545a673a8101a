/** What paths, addresses and names of objects are joined by, which an attack may be made of. */
const joint = /[-/:@._]/g

/** By the sign: what stands there where it is no prose, tried only where a first look does not tell. */
const dash = /--|-config|(?<= )-[XC]\//iy
const underscores = /__|_rsa|_process/iy
const dot =
  /\.\.[^\s.]|(?<=^|[/\s])\.[.\w]|\.ini\b|\.ht|\.internal\b|\.254\.|(?<=\b(?:javax?|ognl|xwork2?|window|document))\.|\.(?:prototype|class|apache)/iy
const slash =
  /(?<=^)\/|(?<=[\s+:,])\/(?!\s)|(?<=\b[a-z]:)\/|(?<=\b(?:etc|proc|bin|windows|winnt|-inf))\//iy
const colon = /:\/\/|(?<=\b(?:file|jar|data|javascript|vbscript|https?|ftp|url|php)):/iy

/** Whether a text of words that are joined by signs is a path, an address or the name of an object. */
export function isPointed(text: string): boolean {
  joint.lastIndex = 0
  while (joint.test(text)) {
    const at = joint.lastIndex - 1
    if (isPointedAt(text, at, text.charCodeAt(at))) return true
    joint.lastIndex = at + 1
  }
  return false
}

/** Whether such a sign stands where it does in a path, an address or the name of an object. */
export function isPointedAt(text: string, at: number, code: number): boolean {
  const next = text.charCodeAt(at + 1)
  switch (code) {
    case 0x2d:
      return isDashed(next) && matches(dash, text, at)
    case 0x2e:
      // The end of a sentence, or a fraction.
      if (!(next > space) || (isDigit(next) && isDigit(text.charCodeAt(at - 1)) && next !== two))
        return false
      return matches(dot, text, at)
    case 0x2f:
      return !isDigit(text.charCodeAt(at - 1)) && matches(slash, text, at)
    case 0x3a:
      return (next === 0x2f || isLetter(text.charCodeAt(at - 1))) && matches(colon, text, at)
    case 0x40:
      return next === 0x40
    default:
      return matches(underscores, text, at)
  }
}

const space = 0x20
const two = 0x32

/** Another dash, and the first letters of what else may follow: `c`, `x`. */
const isDashed = (code: number): boolean =>
  code === 0x2d || (code | 0x20) === 0x63 || (code | 0x20) === 0x78

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at
  return pattern.test(text)
}
