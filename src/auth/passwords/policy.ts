/** Which passwords are taken, and in which spelling they are hashed (NIST SP 800-63B-4 §3.1.1). */

/** Bounds of a new password, in code points. */
export const newPasswordLength = { min: 12, max: 128 } as const

/** Longest password that a login looks at, in UTF-8 octets: nobody has a longer one. */
export const maxPasswordBytes = 1024

/** One spelling for one password, whichever keyboard typed it (Unicode NFKC). */
export const normalizePassword = (password: string): string => password.normalize('NFKC')

/** Whether a password may be set. Counts what a person would count: code points, normalised. */
export function isAcceptablePassword(password: string): boolean {
  const length = [...normalizePassword(password)].length
  return length >= newPasswordLength.min && length <= newPasswordLength.max
}

/** Whether a password is short enough to be compared at all. */
export const isComparablePassword = (password: string): boolean =>
  // A UTF-16 unit is at most three octets: most passwords are never encoded to be counted.
  password.length * 3 <= maxPasswordBytes ||
  new TextEncoder().encode(password).length <= maxPasswordBytes
