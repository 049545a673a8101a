/** The Call object in its three shapes: the answer of connect, Call Details, a line of the bulk. */
import { formatTime } from '../calls/index.ts'
import { nationalForm, type SimulatedCall } from './call.ts'
import { type Life, secondsBetween, stateAt } from './life.ts'
import type { Json, JsonObject } from './reply.ts'

/** What Call objects are made of, beside the call. */
export interface DetailsContext {
  /** The account. */
  readonly account: string
  /** Milliseconds from the end until all is known. */
  readonly settle: number
  readonly recordingUrl: (call: SimulatedCall) => string
  /** The same for somebody without credentials, for a while. */
  readonly signedRecordingUrl: (call: SimulatedCall) => string
}

/** The answer of connect: in-progress, though nobody has answered (documented). */
export const placedObject = (
  call: SimulatedCall,
  { account }: DetailsContext,
  format: 'json' | 'xml',
): JsonObject => ({
  Call: {
    ...head(call, account, call.life.startedAt),
    Status: 'in-progress',
    StartTime: time(call.life.startedAt),
    EndTime: null,
    Duration: null,
    Price: null,
    ...tail(call, account, format),
    RecordingUrl: null,
  },
})

/** Call Details (documented; samples 50 to 53). */
export function detailsObject(
  call: SimulatedCall,
  context: DetailsContext,
  format: 'json' | 'xml',
  now: number,
  withDetails: boolean,
): JsonObject {
  const { settled } = knowledge(call.life, context.settle, now)
  const recorded = settled && call.recorded
  return {
    Call: {
      ...head(call, context.account, updatedAt(call.life, context.settle, now)),
      ...middle(call, context.settle, now),
      ...tail(call, context.account, format),
      RecordingUrl: recorded ? context.recordingUrl(call) : null,
      ...(recorded && { PreSignedRecordingUrl: context.signedRecordingUrl(call) }),
      ...(withDetails && { Details: legsObject(call.life, context.settle, now) }),
    },
  }
}

/** A line of the bulk: it has the ExoPhone's number twice, and neither address nor legs (sample 54). */
export const bulkObject = (call: SimulatedCall, context: DetailsContext, now: number): Json => {
  const { PhoneNumberSid, ...first } = head(
    call,
    context.account,
    updatedAt(call.life, context.settle, now),
  )
  return {
    ...first,
    PhoneNumber: PhoneNumberSid,
    PhoneNumberSid,
    ...middle(call, context.settle, now),
    Direction: call.direction,
    AnsweredBy: null,
    RecordingUrl:
      knowledge(call.life, context.settle, now).settled && call.recorded
        ? context.recordingUrl(call)
        : null,
  }
}

const head = (call: SimulatedCall, account: string, updatedAt: number) => ({
  Sid: call.sid,
  ParentCallSid: null,
  DateCreated: time(call.life.startedAt),
  DateUpdated: time(updatedAt),
  AccountSid: account,
  To: nationalForm(call.to),
  From: nationalForm(call.from),
  PhoneNumberSid: nationalForm(call.callerId),
})

/** The word is final at once; the end, the duration and the price come later (documented). */
function middle(call: SimulatedCall, settle: number, now: number) {
  const { life } = call
  const { over, settled } = knowledge(life, settle, now)
  const duration = secondsBetween(life.startedAt, life.endedAt)
  const start = { Status: stateAt(life, now).status, StartTime: time(life.startedAt) }
  if (!settled) return { ...start, EndTime: over ? '' : null, Duration: null, Price: null }
  return {
    ...start,
    EndTime: time(life.endedAt),
    // A number for those that come in, else a text: both are seen.
    Duration: call.direction === 'inbound' ? duration : String(duration),
    // So much for each minute that has begun; always with three decimals (documented).
    Price: (0.3 * Math.max(1, Math.ceil(duration / 60))).toFixed(3),
  }
}

const tail = (call: SimulatedCall, account: string, format: 'json' | 'xml') => ({
  Direction: call.direction,
  AnsweredBy: null,
  ForwardedFrom: null,
  CallerName: null,
  // The format stands in the middle (documented).
  Uri: `/v1/Accounts/${account}/Calls${format === 'json' ? '.json' : ''}/${call.sid}`,
})

/** Before it has settled, only the first leg is known (sample 51). */
function legsObject(life: Life, settle: number, now: number): Json {
  const { settled } = knowledge(life, settle, now)
  const legs = stateAt(life, now).legs.map((word) => (word === '' || word === 'null' ? null : word))
  const [first = null, second = null] = legs
  if (!settled) {
    const known = stateAt(life, now).over ? null : second
    return { ConversationDuration: null, Leg1Status: first, Leg2Status: known, Legs: [] }
  }
  return {
    ConversationDuration: secondsBetween(life.answeredAt[1], life.endedAt),
    Leg1Status: first,
    Leg2Status: second,
    Legs: life.answeredAt.map((at, index) => ({
      Leg: { Id: index + 1, OnCallDuration: secondsBetween(at, life.endedAt) },
    })),
  }
}

/** What the record knows of a call at a moment. */
export const knowledge = ({ endedAt }: Life, settle: number, now: number) => ({
  over: now >= endedAt,
  settled: now >= endedAt + settle,
})

function updatedAt(life: Life, settle: number, now: number): number {
  const { over, settled } = knowledge(life, settle, now)
  return settled ? life.endedAt + settle : over ? life.endedAt : life.startedAt
}

const time = (milliseconds: number): string => formatTime(new Date(milliseconds))
