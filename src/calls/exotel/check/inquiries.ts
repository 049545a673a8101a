/** Questions to Exotel about the call, ever more seldom. */
import type { ExotelAccount } from '../account.ts'
import { adviceOn } from './advice.ts'
import type { CheckLimits } from './limits.ts'
import { lookUp, type RecordOf } from './record.ts'
import type { Report } from './report.ts'

/** What asking takes. */
export interface InquiryParts {
  readonly account: ExotelAccount
  readonly report: Report
  readonly limits: CheckLimits
  readonly signal: AbortSignal
}

/** Asks about one call. */
export interface Inquiries {
  /** Asks, if it is time to. @returns undefined if it is not, or there was no answer */
  ask(sid: string): Promise<RecordOf | undefined>
  /** Has it ask soon: something has happened. */
  hurry(): void
  /** Whether Exotel has said for long that there is no such call. */
  readonly isUnknown: boolean
}

/** Milliseconds before the second question: each later one waits twice as long. */
const firstPause = 1000

export function inquiries({ account, report, limits, signal }: InquiryParts): Inquiries {
  let wait = firstPause
  let dueAt = performance.now()
  let trouble: string | undefined
  let unknownSince: number | undefined
  return {
    async ask(sid) {
      if (performance.now() < dueAt) return undefined
      const looked = await lookUp(account, sid, true, signal)
      const now = performance.now()
      dueAt = now + wait
      wait = Math.min(2 * wait, limits.inquiry)
      unknownSince = looked.trouble === '404' ? (unknownSince ?? now) : undefined
      if (looked.trouble === undefined) {
        trouble = undefined
        return looked
      }
      const { trouble: next } = looked
      if (next !== trouble && !signal.aborted)
        // The account is right, or the check would not have come so far.
        report.tell(
          next === '404'
            ? 'Call Details: Exotel does not know the call, as yet'
            : `Call Details cannot be had (${next}): ${adviceOn(next)}`,
        )
      trouble = next
      return undefined
    },

    hurry() {
      wait = firstPause
      dueAt = performance.now()
    },

    get isUnknown() {
      return unknownSince !== undefined && performance.now() - unknownSince >= limits.callback
    },
  }
}
