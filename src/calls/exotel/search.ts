/** Looking for a call whose answer was lost: Exotel knows it, and we do not know its Sid. */
import type { ProviderCall } from '../provider.ts'
import type { ExotelAccount } from './account.ts'
import type { ExotelApi } from './api.ts'
import { createdAtOf, type ExotelCall, readCalls, said } from './details.ts'
import { possibleNumbers, sameNumber } from './numbers.ts'
import { formatTime } from './times.ts'

/** How far Exotel's clock and ours may be apart when a call is looked for, in milliseconds. */
const searchMargin = 2 * 60_000

/** What {@linkcode search} goes by. */
export interface SearchContext {
  readonly api: ExotelApi
  readonly account: ExotelAccount
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * The calls that one may be whose answer was lost: between its numbers, about the time when it was
 * asked for (assumed to be enough; Exotel does not give the custom field back here). Nearest first.
 */
export async function search(
  { api, account, signal, now }: SearchContext,
  call: ProviderCall,
): Promise<ExotelCall[]> {
  // Exotel's times are whole seconds.
  const asked = Math.floor(call.dispatchedAt.getTime() / 1000) * 1000
  const at = (offset: number) => formatTime(new Date(asked + offset))
  const answer = await api.get({
    path: 'Calls.json',
    template: 'Calls.json',
    query: new URLSearchParams({
      From: call.from,
      To: call.to,
      DateCreated: `gte:${at(-searchMargin)};lte:${at(searchMargin)}`,
      PageSize: '100',
      details: 'true',
    }),
    signal,
  })
  const distance = (found: ExotelCall) =>
    Math.abs((createdAtOf(found, now())?.getTime() ?? Number.POSITIVE_INFINITY) - asked)
  return readCalls(answer)
    .filter((found) => isLike(found, call, account) && distance(found) <= searchMargin)
    .sort((one, other) => distance(one) - distance(other))
}

/**
 * Whether a call can be the one, however Exotel has understood the question: calls that come in, and
 * those of the dashboard (`outbound-dial`), may have the same numbers.
 */
function isLike(found: ExotelCall, call: ProviderCall, { callerId }: ExotelAccount): boolean {
  const direction = said(found.Direction) ?? 'outbound-api'
  const exoPhones = [said(found.PhoneNumberSid) ?? callerId, callerId] as const
  return (
    sameNumber(said(found.From) ?? '', call.from) &&
    sameNumber(said(found.To) ?? '', call.to) &&
    direction.toLowerCase() === 'outbound-api' &&
    // What is no number says nothing.
    (exoPhones.some((text) => possibleNumbers(text).length === 0) || sameNumber(...exoPhones))
  )
}
