/** What a provider's record of a finished call says late: when it is read, and until when. */
import type { CallRow } from './queries.ts'
import { type CallNews, type CallState, isFinal } from './state-machine.ts'

/** Milliseconds after a call's end for which its record is asked for what is missing (seen in code). */
const budget = 2 * 3_600_000

/** What {@linkcode inquiryAfter} goes by. */
export interface Ending {
  /** Before the event. */
  readonly row: Pick<CallRow, 'status' | 'record' | 'direction'>
  /** After it. */
  readonly state: CallState
  readonly news: CallNews
}

/**
 * Whether an event gives reason to read the provider's record of the call: it has ended and something
 * is missing, or two callbacks tell two ends.
 */
export function needsInquiry({ row, state, news }: Ending): boolean {
  if (!isFinal(state.status)) return false
  if (isFinal(row.status)) return news.authority === 'callback' && tellsMore(row, news)
  const isIncomplete = state.endedAt === null || state.durationSeconds === null
  return isIncomplete || news.recording === true || expectsRecording(row, state)
}

/** A callback after the end that tells another end, or of a recording that nobody knew of. */
function tellsMore(row: Ending['row'], { status, recording }: CallNews): boolean {
  const contradicts = status !== undefined && isFinal(status) && status !== row.status
  return contradicts || (recording === true && !row.record)
}

/** Whether there should be a recording: of talk, or of what a caller left on a voicemail. */
export const expectsRecording = (
  { record, direction }: Pick<CallRow, 'record' | 'direction'>,
  { recordingAvailable, status }: Pick<CallState, 'status' | 'recordingAvailable'>,
): boolean => recordingAvailable || (record && (status === 'completed' || direction === 'inbound'))

/**
 * When a record that lacked something is read again: each time half as late again.
 *
 * @param settlesAfter milliseconds
 * @returns null once nothing more is to be expected
 */
export function nextInquiry(
  row: Pick<CallRow, 'endedAt' | 'createdAt'>,
  settlesAfter: number,
  now: number,
): Date | null {
  const age = now - (row.endedAt ?? row.createdAt).getTime()
  return age > budget ? null : new Date(now + Math.max(settlesAfter, age / 2))
}
