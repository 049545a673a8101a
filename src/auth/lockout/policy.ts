/** How failed logins make others wait. docs/security.md has what the figures come to. */

const minute = 60_000
const hour = 60 * minute

/** When failures are too many, and for how long nothing more is tried then. Milliseconds. */
export interface WaitPolicy {
  /** The failure that makes the first wait, from 2 up. */
  readonly free: number
  /** The first wait; each further failure doubles it. */
  readonly firstWait: number
  /** One failure is forgotten in this time, and no wait is longer: that is the rate in the long run. */
  readonly forget: number
}

/** For one account and address prefix: 18 guesses on the first day, then 6 a day. */
export const addressPolicy: WaitPolicy = { free: 5, firstWait: minute, forget: 4 * hour }

/**
 * For one account over all places where its user never logged in, however many addresses there are:
 * 40 guesses on the first day, then 24 a day. NIST SP 800-63B-4 §3.2.2 asks for at most 100 in a row.
 */
export const accountPolicy: WaitPolicy = { free: 10, firstWait: minute, forget: hour }

/** Places remembered of a user, the newest logins first: home, office, a phone's few networks. */
export const maxPlaces = 16

/**
 * Milliseconds for which a place is remembered: longer than the longest session, so that whoever
 * stays logged in to its end comes back as known.
 */
export const placeLifetime = 180 * 24 * hour
