/** Which addresses a list of networks holds. */
import { BlockList, isIP } from 'node:net'

/**
 * Makes the check whether an address is in one of several networks.
 *
 * @param cidrs addresses or CIDRs; in an empty list is nobody
 * @param name what a fault calls the list
 * @returns the check, for addresses in their canonical spelling
 * @throws {RangeError} if an entry is neither an address nor a CIDR
 */
export function networks(cidrs: readonly string[], name: string): (address: string) => boolean {
  if (cidrs.length === 0) return () => false
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    const longest = family === 'ipv4' ? 32 : 128
    const length = prefix === undefined ? longest : Number(prefix)
    if (isIP(address) === 0 || !(Number.isSafeInteger(length) && length >= 0 && length <= longest))
      throw new RangeError(`${name} must hold addresses or CIDRs, got ${cidr}`)
    list.addSubnet(address, length, family)
  }
  return (address) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}
