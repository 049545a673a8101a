/** A status callback, spelled as Exotel spells it. */
import { formatTime } from '../exotel/times.ts'
import type { ProviderCall } from '../provider.ts'
import { type Scene, type Script, talkSeconds } from './script.ts'

/** The form of one scene's callback: multipart, Exotel's default. */
export function callbackForm(call: ProviderCall, script: Script, scene: Scene): FormData {
  const final = scene.event === 'terminal'
  const at = new Date(scene.at)
  const talk = final ? talkSeconds(script, scene.at) : 0
  const recorded = final && call.record && scene.status === 'completed'
  const form = new FormData()
  const fields: Readonly<Record<string, string>> = {
    CallSid: script.providerCallId,
    EventType: scene.event,
    DateCreated: formatTime(new Date(script.startedAt)),
    DateUpdated: formatTime(at),
    To: call.to,
    From: call.from,
    PhoneNumberSid: call.from,
    StartTime: formatTime(new Date(script.startedAt)),
    EndTime: final ? formatTime(at) : '',
    Status: scene.status,
    ConversationDuration: String(talk),
    Direction: 'outbound-api',
    // Only the last event brings it back (documented).
    ...(final && { CustomField: call.id }),
    RecordingUrl: recorded
      ? `https://recordings.exotel.com/exotelrecordings/simulator/${script.providerCallId}.wav`
      : '',
  }
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  scene.legs.forEach((status, index) => {
    form.set(`Legs[${index}][OnCallDuration]`, String(index === 0 ? onCall(script, scene) : talk))
    form.set(`Legs[${index}][Status]`, status)
    form.set(`Legs[${index}][AnsweredBy]`, 'NA')
  })
  return form
}

/** The caller is on the call from its first answer on. */
function onCall({ scenes }: Script, scene: Scene): number {
  const first = scenes[0]
  return scene.event === 'terminal' && first !== undefined && first !== scene
    ? Math.round((scene.at - first.at) / 1000)
    : 0
}
