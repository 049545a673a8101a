/** What a message of Exotel's means for a call. */
import type { CallNews, CallStatus } from '../state-machine.ts'
import type { Message } from './message.ts'
import { type CallParties, partiesOf } from './parties.ts'
import { parseTime } from './times.ts'
import { failedLeg, isOutcome, seconds, statusByTalk, statusOfCall, statusWord } from './words.ts'

/** A message, understood. */
export interface Interpretation {
  /** Exotel's own id of the call, if the message has a usable one. */
  readonly providerCallId: string | undefined
  /** Our own id, as it came back in the custom field. */
  readonly callId: string | undefined
  /** Who is at its ends, and over whose number. */
  readonly parties: CallParties
  readonly news: CallNews
  /** Whether its status word is missing, or one that nobody knows: the provider's record tells. */
  readonly unclear: boolean
  /** When it happened, by the provider's clock. */
  readonly at: Date
}

/** Letters and digits, not hex (seen in code: `…162m`). */
const sid = /^[A-Za-z0-9]{1,64}$/
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** @param now milliseconds since the epoch: the time of a message that names none */
export function interpret(message: Message, now: number): Interpretation {
  const { fields } = message
  const text = (name: string) => fields.get(name)
  const providerCallId = text('CallSid')
  const callId = text('CustomField')
  const time = (name: string) => parseTime(text(name), now)
  const parties = partiesOf(message)
  const news = newsOf(message, time, parties.direction)
  return {
    providerCallId: providerCallId && sid.test(providerCallId) ? providerCallId : undefined,
    callId: callId && uuid.test(callId) ? callId.toLowerCase() : undefined,
    parties,
    news,
    unclear: news.status === undefined && !isPopup(fields),
    at: time('DateUpdated') ?? time('CurrentTime') ?? time('EndTime') ?? new Date(now),
  }
}

type Time = (name: string) => Date | undefined

function newsOf(message: Message, time: Time, direction: CallParties['direction']): CallNews {
  const { fields } = message
  const startedAt = time('StartTime') ?? time('Created')
  if (isPopup(fields)) return { authority: 'callback', status: undefined, startedAt }
  const status = isPassthru(fields) ? passthruStatus(fields) : callbackStatus(message, direction)
  const ended = time('EndTime')
  const endedAt = ended && startedAt && ended < startedAt ? undefined : ended
  const durationSeconds = isPassthru(fields)
    ? undefined
    : seconds(fields.get('ConversationDuration'))
  return {
    authority: 'callback',
    status,
    startedAt,
    answeredAt: answeredAt(status, endedAt, durationSeconds, time('DateUpdated')),
    endedAt,
    durationSeconds,
    // Only that there is one: its address is never taken from a callback.
    recording: fields.has('RecordingUrl'),
    failureReason: status === 'failed' ? failedLeg(...legWords(message)) : undefined,
  }
}

/**
 * The agent's popup: `busy` means that the agent is being rung, `free` that it is over, whatever the
 * outcome (documented). Neither is the call's.
 */
const isPopup = (fields: Message['fields']): boolean =>
  fields.has('AgentEmail') || /^(Dial|Ringing|Answered|Terminal)$/.test(field(fields, 'EventType'))

const field = (fields: Message['fields'], name: string): string => fields.get(name) ?? ''

/**
 * Status callbacks: Legs[0] is the caller's leg, Legs[1] the callee's (documented). Both `answered`
 * events say `in-progress` at the top; while only leg 1 has answered, the callee's phone rings.
 */
function callbackStatus(
  { fields, legs }: Message,
  direction: CallParties['direction'],
): CallStatus | undefined {
  const top = statusWord(fields.get('Status') ?? fields.get('CallStatus'))
  const callee = statusWord(legs[1]?.get('Status'))
  if (direction === 'inbound' && top === 'completed' && callee === undefined)
    return statusByTalk(seconds(fields.get('ConversationDuration')))
  return statusOfCall(top, callee, legs.length > 0)
}

const isPassthru = (fields: Message['fields']): boolean =>
  fields.has('CallType') || fields.has('DialCallStatus')

/** Passthru: the outcome is the dialled leg's; before anybody was dialled the call rings. */
function passthruStatus(fields: Message['fields']): CallStatus | undefined {
  const dialled = statusWord(fields.get('DialCallStatus'))
  if (isOutcome(dialled)) return dialled
  return field(fields, 'CallType') === 'call-attempt' ? 'ringing' : undefined
}

/** When the conversation began: said by `answered`, reckoned back from the end otherwise. */
function answeredAt(
  status: CallStatus | undefined,
  endedAt: Date | undefined,
  duration: number | undefined,
  updatedAt: Date | undefined,
): Date | undefined {
  if (status === 'in-progress') return updatedAt
  if (status !== 'completed' || endedAt === undefined || !duration) return undefined
  return new Date(endedAt.getTime() - duration * 1000)
}

const legWords = ({ legs }: Message) =>
  [statusWord(legs[0]?.get('Status')), statusWord(legs[1]?.get('Status'))] as const
