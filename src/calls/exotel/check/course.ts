/** How far a call has come, and what is said of each step that it takes. */
import type { CallRow } from '../../queries.ts'
import { type CallStatus, isFinal } from '../../state-machine.ts'
import type { ExotelCall } from '../details.ts'
import type { SeenMessage } from './messages.ts'
import type { RecordOf } from './record.ts'
import type { Report } from './report.ts'

/** How a call ended. */
export interface CallEnd {
  readonly status: CallStatus
  readonly talkSeconds: number | undefined
}

/** What is known of the call. */
export interface Course {
  /** When a service began to place it. */
  dispatchedAt: Date | undefined
  /** Exotel's name of it. */
  sid: string | undefined
  /** When the last sign of it came, by `performance.now()`. */
  heardAt: number
  readonly messages: SeenMessage[]
  /** Whether it has been said that no callback comes. */
  isDeaf: boolean
  /** The word of the record of a call just placed, and when it was asked for. */
  first: { readonly word: string; readonly at: Date } | undefined
  end: CallEnd | undefined
  /** Exotel's record, the latest. */
  record: ExotelCall | undefined
  /** Whether nothing more is to come into it. */
  isSettled: boolean
}

export const newCourse = (): Course => ({
  dispatchedAt: undefined,
  sid: undefined,
  heardAt: performance.now(),
  messages: [],
  isDeaf: false,
  first: undefined,
  end: undefined,
  record: undefined,
  isSettled: false,
})

/** Whether a callback has told that the call is over. */
export const isToldOfTheEnd = ({ messages }: Course): boolean =>
  messages.some(({ event }) => event === 'terminal' || event === 'plain')

/** What the row says first of all. @returns whether Exotel has named the call just now */
export function noteRow(course: Course, row: CallRow, { tell }: Report): boolean {
  if (course.dispatchedAt === undefined && row.dispatchedAt !== null) {
    course.dispatchedAt = row.dispatchedAt
    tell('taken by the service')
  }
  if (course.sid !== undefined || row.providerCallId === null) return false
  course.sid = row.providerCallId
  course.heardAt = performance.now()
  tell('placed: Exotel has named the call')
  return true
}

/** The record of a call just placed: what connect was answered has the same fields. */
export function noteFirstRecord(
  course: Course,
  { call, differences }: RecordOf,
  at: Date,
  { tell, compared }: Report,
): void {
  const lines = compared('record of a call just placed', differences)
  if (lines.length > 0) tell('its record is not as it is known', lines)
  course.first = { word: String(call.Status ?? ''), at }
}

export function noteMessages(
  course: Course,
  fresh: readonly SeenMessage[],
  { tell, compared }: Report,
): void {
  for (const message of fresh) {
    const { event, spelling, differences } = message
    course.messages.push(message)
    course.heardAt = performance.now()
    tell(`callback: ${event}, ${spelling}`, compared(`callback ${event}`, differences))
  }
}

/** @param who says so */
export function noteEnd(course: Course, end: CallEnd, who: string, { tell }: Report): void {
  course.end = end
  // Its callback may come a while after the record has told.
  course.heardAt = performance.now()
  const { status, talkSeconds } = end
  const talk = talkSeconds === undefined ? '' : `, ${talkSeconds} s of talk`
  tell(`ended, says ${who}: ${status}${talk}`)
}

/** @returns whether it tells of the call's end for the first time */
export function noteRecord(course: Course, record: RecordOf, report: Report): boolean {
  const { call, differences, details } = record
  const { status, durationSeconds } = details.news
  const lines = report.compared('Call Details', differences)
  const isEnd = course.end === undefined && status !== undefined && isFinal(status)
  if (isEnd) noteEnd(course, { status, talkSeconds: durationSeconds }, 'Exotel', report)
  if (details.settled && !course.isSettled) report.tell('Call Details are complete', lines)
  course.record = call
  course.isSettled = details.settled
  return isEnd
}
