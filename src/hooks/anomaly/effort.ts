import { compatible, inUnitClass } from './decode/ranges.ts'

/** What may have readings beside the text as it came. */
const wrapped = new RegExp(
  `%(?:[\\da-f]{2}|u|%)|&(?:#|[a-z]{2,24};|(?:lt|gt|amp|quot|nbsp))|\\\\[xu]|[${inUnitClass(compatible)}]`,
  'i',
)

/** How many texts' work it is to judge one with one reading, and one with three. */
const once = 1.5
const thrice = 3.5

/** By code: 1 for signs, which all that is looked for in depth begins or ends with. */
const signs = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w .,\n]/.test(String.fromCharCode(code)) ? 0 : 1,
)

/** Other forms of ASCII's signs are beyond these, and all that is spelling is below. */
const firstForm = 0xfb00

/**
 * How much work it is to look at a text in depth: about the microseconds that it takes on a machine
 * of 2025, measured on what takes the longest. Detectors have limits of their own for each text, so
 * it grows with the root of the signs in it; what a short text takes is the same for each.
 */
export function effortOf(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    count += code < 128 ? (signs[code] ?? 0) : code >= firstForm ? 1 : 0
  }
  return (wrapped.test(text) ? thrice : once) * (3 + 3 * Math.sqrt(count))
}
