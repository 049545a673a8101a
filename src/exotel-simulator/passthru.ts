/** What Exotel asks the applets of a flow while a call comes in (samples 30 to 36, 39, 40). */
import { formatTime } from '../calls/index.ts'
import { nationalForm, type SimulatedCall } from './call.ts'
import { type IncomingOutcome, incomingOutcomes, secondsBetween } from './life.ts'
import type { Fields } from './message.ts'

/** What a call that comes in is beyond its numbers. */
export interface Flow {
  readonly outcome: IncomingOutcome
  /** Who is dialled, and when: milliseconds since the epoch. */
  readonly agent: string
  readonly agentEmail: string
  readonly dialledAt: number
  /** What the caller keys in, if the flow gathers digits. */
  readonly digits: string | undefined
}

/** One GET of the flow's. */
export interface Visit {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly fields: Fields
}

/** The visits in their order: greeting, digits, Connect with the agent's popup, what came of it. */
export function visitsOf(
  call: SimulatedCall,
  flow: Flow,
  recordingUrl: string | undefined,
): readonly Visit[] {
  const { startedAt, endedAt } = call.life
  const { digits, dialledAt } = flow
  const greeting = { name: 'passthru-first', at: startedAt, fields: firstApplet(call, startedAt) }
  // In literal double quotes (documented).
  const keyedAt = (startedAt + dialledAt) / 2
  const gathered = digits !== undefined && {
    name: 'passthru-digits',
    at: keyedAt,
    fields: { ...inFlow(call), CurrentTime: time(keyedAt), digits: `"${digits}"` },
  }
  const opening = gathered === false ? [greeting] : [greeting, gathered]
  if (flow.outcome === 'call-attempt') return opening
  return [
    ...opening,
    { name: 'popup-dial', at: dialledAt, fields: popup(call, flow, dialledAt) },
    { name: 'popup-terminal', at: endedAt, fields: popup(call, flow, endedAt) },
    { name: 'passthru-last', at: endedAt, fields: afterConnect(call, flow, recordingUrl) },
  ]
}

/** Before anybody was dialled: sample 34. Only this one knows the status of the call. */
function firstApplet(call: SimulatedCall, at: number): Fields {
  const { CallSid = '', CallFrom = '', CallTo = '', ...rest } = inFlow(call)
  return { CallSid, CallFrom, CallTo, CallStatus: 'ringing', ...rest, CurrentTime: time(at) }
}

/** What is known while the caller is in the menu. */
const inFlow = (call: SimulatedCall): Fields => ({
  ...caller(call),
  Created: created(call),
  DialCallDuration: 0,
  StartTime: time(call.life.startedAt),
  EndTime: placeholder,
  CallType: 'call-attempt',
  DialWhomNumber: '',
  ...flowIds,
  From: nationalForm(call.from),
  To: nationalForm(call.callerId),
})

/** The agent's popup, where `busy` means rung and `free` released (documented). */
const popup = (
  call: SimulatedCall,
  { agent, agentEmail, dialledAt }: Flow,
  at: number,
): Fields => ({
  ...caller(call),
  Created: created(call),
  From: nationalForm(call.from),
  To: nationalForm(call.callerId),
  CurrentTime: time(at),
  DialWhomNumber: nationalForm(agent),
  Status: at === dialledAt ? 'busy' : 'free',
  EventType: at === dialledAt ? 'Dial' : 'Terminal',
  AgentEmail: agentEmail,
})

/** After Connect, where the outcome is that of the agent's leg (documented). */
function afterConnect(call: SimulatedCall, flow: Flow, recordingUrl: string | undefined): Fields {
  const { life } = call
  const { endedAt } = life
  const { callType, cause, rings } = endings[flow.outcome]
  const exoPhone = nationalForm(call.callerId)
  return {
    ...caller(call),
    ForwardedFrom: 'null',
    Created: created(call),
    // Counts the ringing too (documented), but is 0 for who never declined nor answered.
    DialCallDuration: rings ? secondsBetween(flow.dialledAt, endedAt) : 0,
    StartTime: time(life.startedAt),
    EndTime: placeholder,
    DialCallStatus: incomingOutcomes[flow.outcome],
    CallType: callType,
    DialWhomNumber: nationalForm(flow.agent),
    ProcessStatus: 'null',
    ...flowIds,
    From: nationalForm(call.from),
    To: exoPhone,
    CurrentTime: time(endedAt),
    OutgoingPhoneNumber: exoPhone,
    ...(recordingUrl !== undefined && { RecordingUrl: recordingUrl }),
    ...(recordingUrl !== undefined &&
      cause !== undefined && { RecordingAvailableBy: worded(endedAt + availableWithin) }),
    ...(cause !== undefined && {
      Legs: [
        {
          Number: nationalForm(flow.agent),
          Type: 'single',
          OnCallDuration: secondsBetween(life.answeredAt[1], endedAt),
          CallerId: exoPhone,
          // The word, and then the number (seen in code).
          CauseCode: cause[0],
          Cause: cause[1],
        },
      ],
    }),
  }
}

interface Ending {
  readonly callType: string
  readonly cause?: readonly [word: string, number: number]
  /** Whether the agent picked up or declined: then the ringing counts. */
  readonly rings: boolean
}

const endings: Readonly<Record<IncomingOutcome, Ending>> = {
  completed: { callType: 'completed', cause: ['NORMAL_CLEARING', 16], rings: true },
  missed: { callType: 'incomplete', cause: ['RING_TIMEOUT', 1003], rings: false },
  declined: { callType: 'incomplete', cause: ['USER_BUSY', 17], rings: true },
  'client-hangup': { callType: 'client-hangup', cause: ['RING_TIMEOUT', 1003], rings: false },
  voicemail: { callType: 'voicemail', rings: false },
  'call-attempt': { callType: 'call-attempt', rings: false },
}

const caller = (call: SimulatedCall): Fields => ({
  CallSid: call.sid,
  CallFrom: nationalForm(call.from),
  CallTo: nationalForm(call.callerId),
  Direction: 'incoming',
})

/** Not a time: it stands in every passthru (documented). */
const placeholder = '1970-01-01 05:30:00'

const flowIds = { flow_id: '100001', tenant_id: '10001' } as const

/** Milliseconds after the end by which a recording is promised (sample 30). */
const availableWithin = 300_000

const time = (milliseconds: number): string => formatTime(new Date(milliseconds))

const created = (call: SimulatedCall): string => worded(call.life.startedAt)

/** `Thu, 15 Jan 2026 14:31:59`: India's clock too, in words (seen in code). */
const worded = (milliseconds: number): string =>
  new Date(`${time(milliseconds).replace(' ', 'T')}Z`).toUTCString().replace(' GMT', '')
