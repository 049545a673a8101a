/** Calls that would never end: their record says for ever that they go on, or lacks their end. */
import type { CallDetails } from './provider.ts'
import { type CallNews, isFinal } from './state-machine.ts'

/**
 * Milliseconds after it was asked for in which a call must have ended: it is cut at 4 hours, and
 * rings for 40 s on either side (we ask for both); a quarter of an hour for the provider to say so.
 */
const longestCall = 14_400_000 + 2 * 40_000 + 15 * 60_000

/** Milliseconds after that until a provider that gives no usable answer is not waited for any more. */
const longestSilence = 24 * 3_600_000

/**
 * What is to be believed of a call that cannot be under way any more.
 *
 * @param details undefined if the provider has not answered, or has said nothing of this call
 * @param age milliseconds since it was asked for
 * @param now milliseconds since the epoch
 * @returns undefined as long as it may go on, and if its record tells its end
 */
export function lastWord(
  details: CallDetails | undefined,
  age: number,
  now: number,
): CallNews | undefined {
  if (age < longestCall + (details === undefined ? longestSilence : 0)) return undefined
  if (details?.news.status !== undefined && isFinal(details.news.status)) return undefined
  return (
    details?.claimed ?? {
      ...details?.news,
      authority: 'details',
      status: 'failed',
      endedAt: new Date(now),
      failureReason: 'never_ended',
    }
  )
}
