/** The fields of status callbacks (documented; samples 10 to 18 and 21). */
import { formatTime } from '../calls/index.ts'
import { type CallbackEvent, nationalForm, type SimulatedCall } from './call.ts'
import { type LegWords, type Life, secondsBetween } from './life.ts'
import type { Fields, Value } from './message.ts'

/** Something that a status callback is sent about. */
export interface Scene {
  readonly name: 'answered-1' | 'answered-2' | 'terminal'
  readonly event: CallbackEvent
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly legs: LegWords
}

/** `answered` comes once for each leg (seen in code). */
export function scenesOf({ answeredAt: [first, second], endedAt, legs }: Life): readonly Scene[] {
  const answered = (name: Scene['name'], at: number | undefined, ...legs: LegWords): Scene[] =>
    at === undefined ? [] : [{ name, event: 'answered', at, legs }]
  return [
    ...answered('answered-1', first, 'in-progress', ''),
    ...answered('answered-2', second, 'in-progress', 'in-progress'),
    { name: 'terminal', event: 'terminal', at: endedAt, legs },
  ]
}

/** @param recordingUrl where the call's recording is, if there is one */
export function callbackFields(
  call: SimulatedCall,
  scene: Scene,
  recordingUrl: string | undefined,
): Fields {
  const { life } = call
  const final = scene.event === 'terminal'
  const status = final ? life.status : 'in-progress'
  const recording = final ? (recordingUrl ?? nothing(life)) : null
  if (call.reporting?.events.length === 0)
    return {
      CallSid: call.sid,
      DateUpdated: time(scene.at),
      Status: status,
      RecordingUrl: recording,
    }
  return {
    CallSid: call.sid,
    EventType: scene.event,
    DateCreated: time(life.startedAt),
    DateUpdated: time(scene.at),
    To: nationalForm(call.to),
    From: nationalForm(call.from),
    PhoneNumberSid: nationalForm(call.callerId),
    StartTime: time(life.startedAt),
    EndTime: final ? time(life.endedAt) : null,
    Status: status,
    ConversationDuration: final ? secondsBetween(life.answeredAt[1], life.endedAt) : 0,
    Direction: call.direction,
    // Only the last one brings it back (documented).
    ...(final && call.customField !== undefined && { CustomField: call.customField }),
    RecordingUrl: recording,
    Legs: scene.legs.map((word, index) => ({
      OnCallDuration: final ? secondsBetween(life.answeredAt[index], life.endedAt) : 0,
      Status: word,
      // Told of the second leg alone, once they have talked; spelled as in sample 10.
      AnsweredBy: index === 1 && word === 'completed' ? 'HUMAN' : 'NA',
    })),
  }
}

/** A call that failed says an empty text in place of null (sample 14). */
const nothing = ({ legs: [first] }: Life): Value => (first === 'failed' ? '' : null)

const time = (milliseconds: number): string => formatTime(new Date(milliseconds))
