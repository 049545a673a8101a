/** What an Argon2id hash costs, and how that is read from its PHC string. */

/** Work factors of Argon2id. */
export interface PasswordCost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
  readonly lanes: number
}

/** The minimum of OWASP's Password Storage Cheat Sheet (2025): m=19 MiB, t=2, p=1. */
export const cost: PasswordCost = { memory: 19_456, passes: 2, lanes: 1 }

/**
 * A hash of no password, in today's cost. Verified against where there is no such user, so that
 * both answers take the same time.
 */
export const dummyHash =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** Whether a hash is weaker than today's, and is to be made anew at the next login. */
export function needsRehash(phc: string): boolean {
  const [, memory, passes, lanes] =
    /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$/.exec(phc) ?? []
  return !(
    Number(memory) >= cost.memory &&
    Number(passes) >= cost.passes &&
    Number(lanes) >= cost.lanes
  )
}
