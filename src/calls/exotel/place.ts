/** Connecting two numbers: what is sent, and what the answer says (documented: Connect Two Numbers). */
import { type } from 'arktype'
import type { Placement, ProviderCall } from '../provider.ts'
import type { ExotelAccount } from './account.ts'
import { ExotelError } from './errors.ts'

/** Seconds for which each leg rings: 60 at most (documented). */
const ringTime = 40
/** Seconds after which Exotel cuts a call: the most that it takes (documented). Its default is unsaid. */
const longestCall = 14_400

const recordingFields: readonly [string, string][] = [
  ['RecordingChannels', 'single'],
  ['RecordingFormat', 'mp3'],
]

/** The form that asks Exotel to ring `from`, then `to`. Names are case-sensitive (seen in code). */
export function connectForm({ callerId }: ExotelAccount, call: ProviderCall): URLSearchParams {
  return new URLSearchParams([
    ['From', call.from],
    ['To', call.to],
    ['CallerId', callerId],
    // Mandatory on one page, optional on another (documented).
    ['CallType', 'trans'],
    ['TimeLimit', String(longestCall)],
    ['TimeOut', String(ringTime)],
    // Always said: some plans record unless told otherwise (documented, weak).
    ['Record', String(call.record)],
    ...(call.record ? recordingFields : []),
    ['CustomField', call.id],
    ['StatusCallback', call.callbackUrl],
    ['StatusCallbackEvents[0]', 'terminal'],
    ['StatusCallbackEvents[1]', 'answered'],
    ['StatusCallbackContentType', 'application/json'],
  ])
}

/** Letters and digits, not hex (seen in code). */
const connectAnswer = type({ Call: { Sid: /^[A-Za-z0-9]{1,64}$/ } })

/** What an answer to {@linkcode connectForm} says. Its own Status is no news: nobody has answered yet. */
export function placementOf(answer: unknown): Placement {
  const read = connectAnswer(answer)
  // A success that cannot be read: the call may well ring.
  if (read instanceof type.errors) return { outcome: 'unknown', reason: 'exotel_unreadable' }
  return { outcome: 'placed', providerCallId: read.Call.Sid }
}

/**
 * What a failure says: asked again only if it certainly had no effect, and a later attempt may fare
 * better. After a read timeout, a reset or a 5xx the call may ring (assumed: no page says).
 */
export function placementAfter(error: unknown): Placement {
  if (!(error instanceof ExotelError)) throw error
  const { reason, withoutEffect, isRefusal } = error
  return { outcome: isRefusal ? 'refused' : withoutEffect ? 'retry' : 'unknown', reason }
}
