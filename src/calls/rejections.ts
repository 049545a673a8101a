/** Bounds how often strangers at the webhook's door are written down: by address, once a minute. */

/** Milliseconds for which an address is quiet after a row about it. */
const quiet = 60_000
/** Addresses remembered; when full, new ones go unrecorded until the oldest are due again. */
const maxAddresses = 10_000

/** @returns whether a refusal of this address is worth a row now */
export function rejectionLimit(now: () => number): (address: string) => boolean {
  const recorded = new Map<string, number>()
  return (address) => {
    const time = now()
    // In the order of their times: the first that is still quiet ends the search.
    for (const [old, at] of recorded) {
      if (time - at < quiet) break
      recorded.delete(old)
    }
    if (recorded.has(address) || recorded.size >= maxAddresses) return false
    recorded.set(address, time)
    return true
  }
}
