/** An IPv4 address as `inet_aton` of C reads it. */
export interface Ipv4 {
  /** The 32 bits. */
  readonly bits: number
  /** Whether it is spelt as nobody does who has nothing to hide: octal, hexadecimal, too short. */
  readonly odd: boolean
}

const part = /^(?:0x[0-9a-f]{0,16}|\d{1,16})$/

/**
 * Reads `127.0.0.1`, `127.1`, `0177.0.0.1`, `0x7f000001` and `2130706433`: one to four numbers in
 * three notations, the last of which fills what is left. Numbers over 255 wrap, as in old resolvers.
 */
export function readIpv4(host: string): Ipv4 | undefined {
  const parts = host.split('.')
  if (parts.length > 4 || !parts.every((text) => part.test(text))) return undefined
  const odd = parts.length < 4 || parts.some((text) => /^0[\dx]/.test(text))
  const last = parts.pop() ?? ''
  let bits = 0
  for (const text of parts) bits = bits * 256 + (numberOf(text) % 256)
  const left = 256 ** (4 - parts.length)
  return { bits: bits * left + (numberOf(last) % left), odd }
}

function numberOf(text: string): number {
  if (text.startsWith('0x')) return text === '0x' ? 0 : Number.parseInt(text.slice(2), 16)
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text)
}

/** Blocks that lead to no public host (RFC 6890), by their first address and length. */
const blocks: readonly [first: number, length: number][] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  // Oracle's and others' metadata.
  [0xc0000000, 24],
  [0xc0a80000, 16],
  // Networks for measurements; groups, what is reserved, and all at once.
  [0xc6120000, 15],
  [0xe0000000, 3],
]

/** Whether an address is one of a machine itself, of a private network, or of a link. */
export const isInternalIpv4 = (bits: number): boolean =>
  blocks.some(
    ([first, length]) => Math.floor(bits / 2 ** (32 - length)) === first / 2 ** (32 - length),
  )

/** Whether an address is one where clouds tell machines their secrets. */
export const isMetadataIpv4 = (bits: number): boolean =>
  bits === 0xa9fea9fe || bits === 0x646464c8 || bits === 0xc00000c0
