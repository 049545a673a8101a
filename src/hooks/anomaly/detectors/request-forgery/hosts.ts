import { isInternalIpv4, readIpv4 } from './ipv4.ts'

/** Names of a machine for itself, and of a cluster's and a cloud's services. */
const inside =
  /^(?:localhost|localhost\.localdomain|ip6-(?:localhost|loopback)|instance-data|metadata|rancher-metadata|metadata\.(?:packet\.net|platformequinix\.com|tencentyun\.com)|kubernetes(?:\.default)?(?:\.svc)?)$|\.(?:localhost|localdomain|internal|local|svc|lan|intranet|consul|corp|private|home\.arpa)$/

/** Public names that answer with an address of the machine itself, or with whatever one asks for. */
const rebound =
  /(?:^|\.)(?:localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|localdomain\.pw|yoogle\.com|localh\.st|fbi\.com\.localhost|bugbounty\.dod\.network|spoofed\.burpcollaborator\.net|rbndr\.us|1u\.ms|company\.com\.localdomain)$/

/** Public names that hold the address they answer with. */
const holding =
  /[.-]?((?:0x[\da-f]{8}|[\da-f]{8}|\d{1,3}(?:[.-]\d{1,3}){3}))\.(?:nip|sslip|xip)\.io$/

/** Services that note who called: how attackers see that a request was made. */
const listening =
  /(?:^|\.)(?:burpcollaborator\.net|oastify\.com|oast\.(?:pro|live|site|online|fun|me)|interact\.sh|interactsh\.com|dnslog\.cn|ceye\.io|requestbin\.net|canarytokens\.com)$/

/** How surely a host is one that a service should not be sent to: 0 for a public one. */
export function judgeHost(host: string): number {
  const name = host
    .toLowerCase()
    .replace(/[\u3002\uff61\uff0e]/g, '.')
    .replace(/\.$/, '')
  if (name === '') return 0
  if (name.startsWith('[')) return isInternalIpv6(name.slice(1).replace(/\].*$/, '')) ? 0.9 : 0
  const address = readIpv4(name)
  if (address !== undefined) return isInternalIpv4(address.bits) ? 0.9 : address.odd ? 0.7 : 0
  if (inside.test(name) || rebound.test(name)) return 0.9
  const held = holding.exec(name)?.[1]
  if (held !== undefined) return isHeldInternal(held) ? 0.9 : 0.6
  return listening.test(name) ? 0.7 : 0
}

function isHeldInternal(held: string): boolean {
  const address = /^[\da-f]{8}$/.test(held) ? `0x${held}` : held.replaceAll('-', '.')
  return isInternalIpv4(readIpv4(address)?.bits ?? 0xffffffff)
}

/** Loopback, link-local, private, and IPv4 written as IPv6 (RFC 4291, 4193, 6052). */
function isInternalIpv6(text: string): boolean {
  const address = text.replace(/%.*$/, '')
  if (/^(?:f[cd][\da-f]{0,2}|fe[89a-f][\da-f]?):/.test(address)) return true
  if (/^[0:]+1?$/.test(address) && address.includes(':')) return true
  const mapped = /^(?:[0:]*ffff(?::0{1,4})?:|64:ff9b::|2002:|[0:]+:)([\da-f.:]+)$/.exec(
    address,
  )?.[1]
  if (mapped === undefined) return false
  if (mapped.includes('.')) return isInternalIpv4(readIpv4(mapped)?.bits ?? 0xffffffff)
  const [high = '', low] = mapped.split(':')
  return (
    low !== undefined &&
    isInternalIpv4(Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16))
  )
}
