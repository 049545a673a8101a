/** An IPv6 customer commonly holds a /56: single addresses in it cost an attacker nothing. */
const groupsKept = 3

/**
 * The key that a client's address is limited by: IPv4 as it is, IPv6 by its /56.
 *
 * @param address canonical: no zone, no port, IPv4-mapped addresses as IPv4
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::', 2)
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  const subnet = Number.parseInt(groups[groupsKept] ?? '0', 16) >> 8
  return `${groups.slice(0, groupsKept).join(':')}:${subnet.toString(16)}00::/56`
}
