/** Who is really asking, when proxies that we trust stand in between. */
import { isIP } from 'node:net'
import { networks } from './networks.ts'

/** What a trusted proxy said, or what the socket shows. */
export interface ClientConnection {
  /** The client's address, without port, zone or IPv4-mapping; undefined if nothing knows it. */
  readonly address: string | undefined
  /** Whether the client's own connection is encrypted. */
  readonly secure: boolean
  /** Whether a header spoke for the client: such a request did not come straight from its source. */
  readonly forwarded: boolean
  /** Whether the socket's peer is one of our own proxies. */
  readonly trusted: boolean
}

/** Which proxies are believed, and in which one header. */
export interface ProxyTrust {
  /** Addresses or CIDRs of our own proxies. @default none: headers are ignored */
  readonly trusted: readonly string[]
  /**
   * `x-forwarded-for`, `forwarded` (RFC 7239), or any other that holds addresses. Only this one is
   * read: a proxy that sets one passes the client's other along. @default 'x-forwarded-for'
   */
  readonly header?: string
}

/** Reads the client's connection from a request and the socket's peer. */
export type ClientResolver = (
  headers: Headers,
  peer: string | undefined,
  secure: boolean,
) => ClientConnection

/**
 * Makes the function that finds the client. A list of addresses is read from the right, past our
 * own proxies: what stands left of the first stranger was written by that stranger.
 *
 * @throws {RangeError} if an entry of `trusted` is neither an address nor a CIDR
 */
export function clientResolver({
  trusted,
  header = 'x-forwarded-for',
}: ProxyTrust): ClientResolver {
  const name = header.toLowerCase()
  const isTrusted = networks(trusted, 'trusted')
  const forwarding = [...new Set(['x-forwarded-for', 'forwarded', name])]
  return (headers, peer, secure) => {
    const forwarded = forwarding.some((field) => headers.has(field))
    const address = peer && canonicalAddress(peer)
    if (address === undefined || !isTrusted(address))
      return { address, secure, forwarded, trusted: false }
    const hops =
      name === 'forwarded'
        ? forwardedHops(headers.get(name))
        : listedHops(headers.get(name), headers.get('x-forwarded-proto'))
    const hop =
      hops.findLast(({ address }) => address === undefined || !isTrusted(address)) ?? hops[0]
    return {
      address: hop?.address ?? address,
      secure: hop?.scheme === undefined ? secure : hop.scheme === 'https',
      forwarded,
      trusted: true,
    }
  }
}

/** What one proxy says of who connected to it. */
interface Hop {
  /** Undefined where it is hidden or no address (`unknown`, `_gazonk`). */
  readonly address: string | undefined
  readonly scheme: string | undefined
}

/** Most requests come from few peers: each spelling is read once. Bounded, since others are clients'. */
const spelled = new Map<string, string>()
const spelledLimit = 1000

/** One spelling for one address: no brackets, port or zone, and `::ffff:a.b.c.d` as IPv4. */
export function canonicalAddress(text: string): string | undefined {
  const known = spelled.get(text)
  if (known !== undefined) return known
  const address = readAddress(text)
  if (spelled.size >= spelledLimit) spelled.clear()
  if (address !== undefined && text.length <= 64) spelled.set(text, address)
  return address
}

function readAddress(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
    .replace(/^(\d{1,3}(?:\.\d{1,3}){3}):\d+$/, '$1')
    .replace(/%.*$/, '')
    .toLowerCase()
  const version = isIP(bare)
  if (version === 0) return undefined
  if (version === 4) return bare
  const [, mapped] = /^(?:0*:){0,5}:?(?:0*:)*ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(bare) ?? []
  return mapped ?? new URL(`http://[${bare}]`).hostname.slice(1, -1).replace(hexMapped, dotted)
}

/** The URL parser's canonical spelling of an IPv4-mapped address. */
const hexMapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

function dotted(_: string, high: string, low: string): string {
  const bits = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16)
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.')
}

/** Longest list that is read: a longer one is a client's doing. */
const maxHops = 32

/**
 * A list of addresses. The schemes are a list beside it, to which each proxy adds too, or one word
 * that the last one wrote: read from the right, so that what the client wrote comes last.
 */
function listedHops(field: string | null, schemes: string | null): Hop[] {
  const addresses = (field ?? '').split(',').slice(-maxHops)
  const listed = schemes === null ? [] : schemes.toLowerCase().split(',')
  return addresses.map((address, index) => ({
    address: canonicalAddress(address),
    scheme: (listed.at(index - addresses.length) ?? listed[0])?.trim(),
  }))
}

/** `name=value`, quoted or not, and what ends it; or nothing before an end (RFC 7239 §4). */
const forwardedPair =
  /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?[ \t]*([;,]|$)/y

/** The elements of a Forwarded field; none where it is malformed, so that nothing in it is believed. */
function forwardedHops(field: string | null): Hop[] {
  const text = field ?? ''
  const hops: Hop[] = []
  let address: string | undefined
  let scheme: string | undefined
  let end: string
  forwardedPair.lastIndex = 0
  do {
    const found = forwardedPair.exec(text)
    if (found === null) return []
    const [, name = '', quoted, token = '', delimiter = ''] = found
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token
    if (name.toLowerCase() === 'for') address = canonicalAddress(value)
    if (name.toLowerCase() === 'proto') scheme = value.toLowerCase()
    end = delimiter
    if (end === ';') continue
    hops.push({ address, scheme })
    address = scheme = undefined
  } while (end !== '')
  return hops.slice(-maxHops)
}
