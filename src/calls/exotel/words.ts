/** Exotel's words for what became of a call (documented: v1 Status, CallStatus, leg statuses). */
import { type CallStatus, isFinal } from '../state-machine.ts'

const words: Readonly<Record<string, CallStatus>> = {
  queued: 'queued',
  ringing: 'ringing',
  'in-progress': 'in-progress',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled',
  cancelled: 'canceled',
}

/** The status that a word stands for. Own properties only: a message may say `constructor`. */
export function statusWord(text: string | undefined): CallStatus | undefined {
  const word = (text ?? '').toLowerCase().replaceAll(/[_\s]/g, '-')
  return Object.hasOwn(words, word) ? words[word] : undefined
}

/** Whether a word tells how a call or a leg ended. */
export const isOutcome = (word: CallStatus | undefined): word is CallStatus =>
  word !== undefined && isFinal(word)

/**
 * The status of a whole call. The top word misleads: `completed` for an incoming call that nobody
 * took, `failed` for an agent who hung up while it rang (documented). The callee's leg knows.
 *
 * @param legsAreKnown whether the message speaks of legs at all: while only the caller's has been
 *   answered, the top already says `in-progress`
 */
export function statusOfCall(
  top: CallStatus | undefined,
  callee: CallStatus | undefined,
  legsAreKnown: boolean,
): CallStatus | undefined {
  if (top === 'in-progress') return legsAreKnown && callee !== 'in-progress' ? 'ringing' : top
  const misleads = top === 'completed' || top === 'failed'
  return misleads && isOutcome(callee) && callee !== 'completed' ? callee : top
}

/**
 * The status of an incoming call whose top word is `completed`, as it is once a flow has answered it
 * (documented), where nothing is said of the agent's leg: talk is what counts.
 *
 * @param talk seconds
 */
export const statusByTalk = (talk: number | undefined): CallStatus | undefined =>
  talk === undefined ? undefined : talk > 0 ? 'completed' : 'no-answer'

/** Which side a failed call did not reach. */
export function failedLeg(
  caller: CallStatus | undefined,
  callee: CallStatus | undefined,
): string | undefined {
  if (caller !== undefined && caller !== 'completed') return 'caller_not_reached'
  return callee === 'failed' ? 'callee_not_reached' : undefined
}

/** Exotel cuts a call at 4 hours (documented); a day is generous, and more is nonsense. */
const longestCall = 86_400

/** Whole seconds, as texts and numbers spell them; undefined for what is no duration. */
export function seconds(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d{1,6}(\.\d+)?$/.test(text) ? Math.trunc(Number(text)) : -1
  return value >= 0 && value <= longestCall ? value : undefined
}
