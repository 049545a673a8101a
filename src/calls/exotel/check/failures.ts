/** What can fail in a check, and what to do about it. */
import { adviceOn } from './advice.ts'
import type { Failure } from './report.ts'

export const gone: Failure = { id: 'call_gone', text: 'The call was erased meanwhile' }

export const notTaken: Failure = {
  id: 'not_taken',
  text: 'No service has taken the call: is Caly running with the same DATABASE_URL? The call is taken back, and will not be placed',
}

export const notEnded: Failure = {
  id: 'not_ended',
  text: 'The call has not ended in the time that a check has: it goes on, and so does Caly with it',
}

export const interrupted: Failure = {
  id: 'interrupted',
  text: 'Stopped: the call is left as it is, and Caly goes on with it',
}

export const notToldOfTheEnd: Failure = {
  id: 'no_terminal_callback',
  text: 'No callback has told of the end of the call: Caly learns of it from Call Details',
}

export const unknownCall: Failure = {
  id: 'unknown_call',
  text: 'Exotel does not know the call that the service placed: does the service run with the same EXOTEL_ variables?',
}

export const noRecording: Failure = {
  id: 'no_recording',
  text: 'There is no recording of the call: may the account record, and has the call been answered?',
}

/** @param trouble Exotel's own code, or a word for what kept it away */
export const recordingFailed = (trouble: string): Failure => ({
  id: 'recording_failed',
  text: `The recording cannot be had (${trouble})`,
})

export const strangeRecordingPlace = (host: string): Failure => ({
  id: 'recording_place',
  text: `The recording is not fetched: Caly does not know addresses like that one, at ${host}`,
})

/** @param reason as the call has it: `exotel_403` */
export function notPlaced(reason: string | null): Failure {
  const [, code] = /^exotel_(\w{1,40})$/.exec(reason ?? '') ?? []
  const why = code === undefined ? `: ${reason}` : ` (${code}): ${adviceOn(code)}`
  return { id: 'not_placed', text: `The call was not placed${why}` }
}

/** @param callersAreListed whether only some addresses may call back */
export function notCalledBack(publicUrl: URL, callersAreListed: boolean): Failure {
  const list = callersAreListed ? ', or EXOTEL_ALLOWED_ADDRESSES does not let it in' : ''
  return {
    id: 'no_callback',
    text: `Exotel does not reach PUBLIC_URL (${publicUrl.host})${list}: Caly goes on by Call Details`,
  }
}

/** A message of the call that changed nothing. @param state as `caly webhooks list` has it */
export const notApplied = (state: string, reason: string | null): Failure => ({
  id: `callback_${state}`,
  text: `A callback came and changed nothing (${state}${reason === null ? '' : `, ${reason}`}): see caly webhooks list`,
})
