/** Call Details: Exotel's own record of a call (documented: Call Details; samples 50 to 54). */
import { type } from 'arktype'
import type { CallDetails } from '../provider.ts'
import type { CallNews, CallStatus } from '../state-machine.ts'
import { parseTime } from './times.ts'
import { failedLeg, isOutcome, seconds, statusByTalk, statusOfCall, statusWord } from './words.ts'

const text = type('string | number | null')

/** The parts of a Call that are read. Numbers come as texts, too (documented). */
const callObject = type({
  Sid: /^[A-Za-z0-9]{1,64}$/,
  'Status?': text,
  'Direction?': text,
  'From?': text,
  'To?': text,
  'PhoneNumberSid?': text,
  'DateCreated?': text,
  'DateUpdated?': text,
  'StartTime?': text,
  'EndTime?': text,
  'RecordingUrl?': text,
  'PreSignedRecordingUrl?': text,
  'Details?': type({
    'ConversationDuration?': text,
    'Leg1Status?': text,
    'Leg2Status?': text,
  }).or('null'),
})

/** A call as Exotel's record has it. */
export type ExotelCall = typeof callObject.infer

const single = type({ Call: callObject })
const several = type({ Calls: type('unknown').array() })

/** @returns undefined if the answer holds no call that can be read */
export function readCall(answer: unknown): ExotelCall | undefined {
  const read = single(answer)
  return read instanceof type.errors ? undefined : read.Call
}

/** The calls of a list. One that cannot be read is left out. */
export function readCalls(answer: unknown): ExotelCall[] {
  const read = several(answer)
  if (read instanceof type.errors) return []
  return read.Calls.flatMap((item) => {
    const call = callObject(item)
    return call instanceof type.errors ? [] : [call]
  })
}

/** When a call was made. */
export const createdAtOf = (call: ExotelCall, now: number): Date | undefined =>
  parseTime(said(call.DateCreated), now) ?? parseTime(said(call.StartTime), now)

/**
 * What a record says of its call.
 *
 * @param now milliseconds since the epoch
 * @param recordingUrl the address of the recording, where it is one that may be fetched
 */
export function detailsOf(
  call: ExotelCall,
  now: number,
  recordingUrl: string | undefined,
): CallDetails {
  const time = (value: ExotelCall['EndTime']) => parseTime(said(value), now)
  const { Details: details } = call
  const caller = statusWord(said(details?.Leg1Status))
  const callee = statusWord(said(details?.Leg2Status))
  const startedAt = time(call.StartTime)
  const ended = time(call.EndTime)
  const endedAt = ended && startedAt && ended < startedAt ? undefined : ended
  const word = statusOf(call, callee, details !== undefined && details !== null)
  // The final word comes first, its figures minutes later (documented; seen in code).
  const isFinal = isOutcome(word) && endedAt !== undefined
  const status =
    isFinal || !isOutcome(word) ? word : word === 'completed' ? 'in-progress' : undefined
  const durationSeconds = isFinal ? seconds(said(details?.ConversationDuration)) : undefined
  const news: CallNews = {
    authority: 'details',
    status,
    startedAt,
    answeredAt:
      isFinal && word === 'completed' && durationSeconds
        ? new Date(endedAt.getTime() - durationSeconds * 1000)
        : undefined,
    endedAt: isFinal ? endedAt : undefined,
    durationSeconds,
    recording: recordingUrl === undefined ? undefined : true,
    failureReason: status === 'failed' ? failedLeg(caller, callee) : undefined,
  }
  const at = time(call.DateUpdated) ?? endedAt ?? new Date(now)
  const claim = isOutcome(word) ? word : statusWord(said(call.Status))
  return {
    providerCallId: call.Sid,
    news,
    claimed:
      !isFinal && isOutcome(claim)
        ? {
            ...news,
            status: claim,
            endedAt: endedAt ?? at,
            failureReason: claim === 'failed' ? failedLeg(caller, callee) : undefined,
          }
        : undefined,
    createdAt: createdAtOf(call, now),
    at,
    settled: isFinal && durationSeconds !== undefined,
    recordingUrl,
  }
}

function statusOf(
  call: ExotelCall,
  callee: CallStatus | undefined,
  legsAreKnown: boolean,
): CallStatus | undefined {
  const top = statusWord(said(call.Status))
  const isIncoming = /^(inbound|incoming)$/i.test(said(call.Direction) ?? '')
  return isIncoming && top === 'completed' && callee === undefined
    ? statusByTalk(seconds(said(call.Details?.ConversationDuration)))
    : statusOfCall(top, callee, legsAreKnown)
}

/** What a field says: empty texts and the word `null` say nothing. */
export function said(value: string | number | null | undefined): string | undefined {
  const text = value === null || value === undefined ? '' : String(value).trim()
  return text === '' || text === 'null' ? undefined : text
}
