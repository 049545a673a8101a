/** Characters from one code point to another, both included. */
export type Range = readonly [from: number, to: number]

/**
 * What has no width and no meaning between ASCII characters: control characters that are no space,
 * soft hyphens, joiners, marks of direction, fillers, selectors of forms, tags.
 */
export const unseen: readonly Range[] = [
  [0x00, 0x08],
  [0x0e, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xe0000, 0xe0fff],
]

/**
 * Other forms of ASCII characters, which databases, file systems and resolvers fold (Unicode
 * Standard Annex 15, NFKC). Not the ellipsis, fractions and signs of honest text: "…/" is no "..../".
 */
export const compatible: readonly Range[] = [
  [0xaa, 0xaa],
  [0xba, 0xba],
  [0x17f, 0x17f],
  [0x2024, 0x2025],
  [0x2070, 0x209c],
  [0x2102, 0x2115],
  [0x2119, 0x211d],
  [0x2124, 0x213e],
  [0x2145, 0x2149],
  [0x2460, 0x24ea],
  [0xfb00, 0xfb06],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff5e],
  [0x1d400, 0x1d7ff],
  [0x1f100, 0x1f169],
]

/** Characters that code pages turn into one of ASCII without Unicode knowing ("best fit"). */
export const bestFit: Readonly<Record<string, string>> = {
  '\u00a0': ' ',
  '\u02b9': "'",
  '\u02bc': "'",
  '\u02c8': "'",
  '\u1680': ' ',
  '\u2000': ' ',
  '\u2001': ' ',
  '\u2002': ' ',
  '\u2003': ' ',
  '\u2004': ' ',
  '\u2005': ' ',
  '\u2006': ' ',
  '\u2007': ' ',
  '\u2008': ' ',
  '\u2009': ' ',
  '\u200a': ' ',
  '\u202f': ' ',
  '\u2044': '/',
  '\u205f': ' ',
  '\u2215': '/',
  '\u2216': '\\',
  '\u29f5': '\\',
  '\u29f8': '/',
  '\u29f9': '\\',
  '\u3000': ' ',
}

/** The inside of a character class, for an expression with the flag `u`. */
export const inClass = (ranges: readonly Range[]): string =>
  ranges.map(([from, to]) => `${escaped(from)}-${escaped(to)}`).join('')

/**
 * The same for an expression without that flag, which reads 16 bits at a time and is the quicker:
 * of what lies above, the first half of its surrogate pair.
 */
export const inUnitClass = (ranges: readonly Range[]): string =>
  ranges.map(([from, to]) => `${unit(from)}-${unit(to)}`).join('')

const escaped = (code: number): string => `\\u{${code.toString(16)}}`

const unit = (code: number): string => {
  const first = code > 0xffff ? 0xd800 + ((code - 0x10000) >> 10) : code
  return `\\u${first.toString(16).padStart(4, '0')}`
}
