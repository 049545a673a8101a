/** `caly exotel check`: what a real account does, against what Caly knows of Exotel. */
import type { Keyring } from '#db/keyring.ts'
import type { AuditTrail } from '../../../audit/index.ts'
import type { NewCall } from '../../schemas.ts'
import type { CallService } from '../../service.ts'
import type { ExotelAccount } from '../account.ts'
import type { Exotel } from '../index.ts'
import { adviceOn } from './advice.ts'
import { type AfterwardsParts, type RecordingSeen, search, tryRecording } from './afterwards.ts'
import { ask } from './ask.ts'
import { type Assumption, assumptionsBy } from './assumptions.ts'
import type { Course } from './course.ts'
import { interrupted, notApplied, unknownCall } from './failures.ts'
import { follow } from './follow.ts'
import type { CheckLimits } from './limits.ts'
import type { Failure, Report } from './report.ts'
import { differencesOf } from './shape.ts'
import { callList } from './shapes.ts'
import { type Delivery, shell, watch, withdraw } from './watch.ts'

export { type CheckLimits, usualLimits } from './limits.ts'
export { type Report, report, summaryOf } from './report.ts'

/**
 * Asks for the newest call of the account: the cheapest question there is.
 *
 * @returns undefined if Exotel takes the credentials; else its own code, or a word
 */
export async function checkCredentials(
  account: ExotelAccount,
  to: Report,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { json, trouble } = await ask(account, 'Calls.json', { PageSize: '1' }, signal)
  if (trouble !== undefined) {
    const text = `Exotel refuses the question, or does not get it (${trouble}): ${adviceOn(trouble)}`
    to.fail(signal.aborted ? interrupted : { id: 'credentials', text })
    return trouble
  }
  to.tell('The credentials are right', to.compared('list of calls', differencesOf(json, callList)))
  return undefined
}

/** What a check by a real call takes. */
export interface CallCheck {
  readonly account: ExotelAccount
  readonly provider: Exotel
  /** Accepts the call as the API does; the running service places it. */
  readonly service: CallService
  readonly audit: AuditTrail
  readonly keyring: Keyring
  /** Whose call it is. */
  readonly clientId: string
  readonly call: Pick<NewCall, 'from' | 'to' | 'record'>
  readonly publicUrl: URL
  readonly callersAreListed: boolean
  readonly limits: CheckLimits
  readonly report: Report
  readonly signal: AbortSignal
}

/** What a real call has shown. */
export interface CallChecked {
  readonly course: Course
  readonly deliveries: readonly Delivery[]
  /** Undefined: nobody asked for one, or there is none. */
  readonly recording: RecordingSeen | undefined
  readonly assumptions: readonly Assumption[]
}

/** Places a real call and follows it. Rings two telephones, and costs what a call costs. */
export async function checkCall(check: CallCheck): Promise<CallChecked> {
  const { service, audit, keyring, report, limits } = check
  const { context } = service
  const began = performance.now()
  const { call } = await service.create(check.clientId, check.call)
  report.tell('accepted: it waits for the service')
  const watching = watch({ db: context.database.db, audit, keyring }, call.id)
  const course = await follow({
    ...check,
    watch: watching,
    withdraw: () => withdraw(context, call.id),
  })
  const tried = await tryAfterwards(
    check,
    call.id,
    course,
    limits.all - (performance.now() - began),
  )
  const deliveries = watching.deliveries()
  for (const failure of unapplied(deliveries)) report.fail(failure)
  // What Exotel does not know, something else has played: that shows nothing of Exotel.
  const isExotels = !report.failures.includes(unknownCall)
  const assumptions = isExotels
    ? assumptionsBy({
        callId: call.id,
        messages: course.messages,
        first: course.first,
        record: course.record,
        found: tried.found,
        recordingPlaceKnown: tried.recording?.isPlaceKnown,
      })
    : []
  return { course, deliveries, recording: tried.recording, assumptions }
}

/** One failure for each reason why messages have changed nothing. */
function unapplied(deliveries: readonly Delivery[]): readonly Failure[] {
  const failures = deliveries
    .filter(({ state }) => state !== 'received' && state !== 'applied')
    .map(({ state, reason }) => notApplied(state, reason))
  return [...new Map(failures.map((failure) => [failure.text, failure])).values()]
}

/** @param left milliseconds */
async function tryAfterwards(check: CallCheck, id: string, course: Course, left: number) {
  const { sid: providerCallId, end, dispatchedAt } = course
  const { signal, report, audit } = check
  if (providerCallId === undefined || dispatchedAt === undefined || end === undefined) return {}
  if (signal.aborted) return {}
  const { from, to, record = false } = check.call
  const parts: AfterwardsParts = {
    ...check,
    call: {
      ...{ id, from, to, record, dispatchedAt, providerCallId },
      // Asked for anew, and nobody is called back by what is only asked about.
      ...{ recordingUrl: null, callbackUrl: '' },
    },
  }
  const found = await search(parts)
  if (!record) return { found }
  if (end.status !== 'completed') {
    report.tell('There is no recording: nobody has talked')
    return { found }
  }
  const recording = await tryRecording(parts, left)
  if (recording?.isThere === true)
    await audit.record({
      event: 'CALL_RECORDING_READ',
      origin: shell,
      resource: { type: 'call', id },
      details: {},
    })
  return { found, recording }
}
