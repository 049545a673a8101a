/** Follows a real call from the database, and by Exotel's own record where nothing is heard. */
import { pause } from '../../pause.ts'
import type { CallRow } from '../../queries.ts'
import { isFinal } from '../../state-machine.ts'
import {
  type Course,
  isToldOfTheEnd,
  newCourse,
  noteEnd,
  noteFirstRecord,
  noteMessages,
  noteRecord,
  noteRow,
} from './course.ts'
import {
  gone,
  interrupted,
  notCalledBack,
  notEnded,
  notPlaced,
  notTaken,
  notToldOfTheEnd,
  unknownCall,
} from './failures.ts'
import { type Inquiries, type InquiryParts, inquiries } from './inquiries.ts'
import { lookUp } from './record.ts'
import type { Watch } from './watch.ts'

/** What following takes. */
export interface FollowParts extends InquiryParts {
  readonly watch: Watch
  /** Where callbacks are to come: its host is told where none does. */
  readonly publicUrl: URL
  /** Whether only some addresses may call back. */
  readonly callersAreListed: boolean
  /** Takes the call back, unless a service has it. @returns whether it did */
  readonly withdraw: () => Promise<boolean>
}

/** Follows the call to its end, and until its record is complete; or until there is no more time. */
export async function follow(parts: FollowParts): Promise<Course> {
  const { limits, report, signal } = parts
  const course = newCourse()
  const asking = inquiries(parts)
  const began = performance.now()
  while (performance.now() - began < limits.all) {
    if (await step(parts, course, asking, performance.now() - began)) return course
    await pause(limits.look, signal)
  }
  if (course.end === undefined) report.fail(notEnded)
  else if (!course.isSettled)
    report.tell('Call Details are not complete yet: they may take a quarter of an hour')
  return course
}

/** One look. @returns whether it was the last one */
async function step(
  parts: FollowParts,
  course: Course,
  asking: Inquiries,
  elapsed: number,
): Promise<boolean> {
  const { watch, limits, report, signal } = parts
  if (signal.aborted) return failed(parts, interrupted)
  const { row, fresh } = await watch.look()
  if (row === undefined || row.erasedAt !== null) return failed(parts, gone)
  const isNamed = noteRow(course, row, report)
  const isOverdue = course.dispatchedAt === undefined && elapsed >= limits.taken
  if (isOverdue && (await parts.withdraw())) return failed(parts, notTaken)
  if (isNamed && fresh.length === 0) await lookAtOnce(parts, course)
  noteMessages(course, fresh, report)
  if (course.end === undefined && isFinal(row.status)) {
    if (course.sid === undefined) return failed(parts, notPlaced(row.failureReason))
    noteEnd(course, endOf(row), 'Caly', report)
    asking.hurry()
  }
  return course.sid !== undefined && (await judge(parts, course, asking, course.sid))
}

const endOf = ({ status, durationSeconds }: CallRow) => ({
  status,
  talkSeconds: durationSeconds ?? undefined,
})

/** The record of a call that nobody has answered yet. */
async function lookAtOnce({ account, signal, report }: FollowParts, course: Course) {
  if (course.sid === undefined) return
  const at = new Date()
  const looked = await lookUp(account, course.sid, false, signal)
  if (looked.trouble === undefined) noteFirstRecord(course, looked, at, report)
}

/** What comes of a call that Exotel has: whether all is known of it, or it must be asked for. */
async function judge(
  parts: FollowParts,
  course: Course,
  asking: Inquiries,
  sid: string,
): Promise<boolean> {
  const { limits, report } = parts
  const isSilent = performance.now() - course.heardAt >= limits.callback
  const isTold = isToldOfTheEnd(course)
  if (isSilent && course.messages.length === 0 && !course.isDeaf) {
    course.isDeaf = true
    report.fail(notCalledBack(parts.publicUrl, parts.callersAreListed))
  }
  if ((course.end !== undefined || isSilent || course.isDeaf) && !course.isSettled) {
    const record = await asking.ask(sid)
    if (record !== undefined && noteRecord(course, record, report)) asking.hurry()
    if (asking.isUnknown) return failed(parts, unknownCall)
  }
  if (course.end === undefined || !course.isSettled) return false
  if (isTold || course.isDeaf) return true
  return isSilent && failed(parts, notToldOfTheEnd)
}

function failed({ report }: FollowParts, failure: typeof gone): true {
  report.fail(failure)
  return true
}
