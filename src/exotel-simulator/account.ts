/** The account's API: what it answers, and what may go wrong with the answer. */
import { bulk } from './bulk.ts'
import { type SimulatedCall, sameNumber } from './call.ts'
import { type ConnectRequest, InvalidParameter, readConnect } from './connect.ts'
import { type DetailsContext, detailsObject, knowledge, placedObject } from './details.ts'
import type { Fault } from './faults.ts'
import { formOf, readForm } from './form.ts'
import type { Ledger } from './ledger.ts'
import type { Settings } from './options.ts'
import { silence } from './recording.ts'
import { type Format, type Reply, rest, restException } from './reply.ts'
import type { Asked } from './server.ts'
import type { Stage } from './stage.ts'

/** What the API works with. */
export interface Account {
  readonly settings: Settings
  readonly calls: Ledger
  readonly stage: Stage
  readonly details: DetailsContext
  readonly holds: (fault: Fault, occasion: string) => boolean
  /** Numbers the requests of a kind, from 1: the occasions of faults. */
  readonly next: (what: 'connect' | 'details') => number
}

/** `POST Calls/connect`: no idempotency, so that the same request again is a second call (assumed). */
export async function connectAnswer(
  account: Account,
  asked: Asked,
  format: Format,
): Promise<Reply> {
  const { settings, calls, holds } = account
  const isOwn = (number: string) =>
    settings.callerIds?.some((own) => sameNumber(own, number)) ?? true
  const form = await readForm(asked.contentType, asked.body ?? new Uint8Array())
  return refusing(account, format, () => {
    const request = readConnect(form ?? formOf([]), isOwn)
    if (request.customField !== undefined) calls.countPost(request.customField)
    const occasion = `connect ${account.next('connect')}`
    const reply = connected(account, request, format, occasion)
    return holds('slow', occasion) ? { ...reply, after: settings.slowBy } : reply
  })
}

function connected(
  account: Account,
  request: ConnectRequest,
  format: Format,
  occasion: string,
): Reply {
  const { holds, stage, details } = account
  if (holds('reset', occasion)) return cut
  if (holds('rate-limited', occasion)) return tooMany(format)
  if (holds('error', occasion)) return broken(format)
  if (holds('html', occasion)) return badGateway
  if (holds('error-in-200', occasion))
    return { ...restException(format, 403, 'Account suspended'), status: 200 }
  const call = stage.place(request)
  const reply = rest(format, 200, placedObject(call, details, format))
  if (holds('lost-answer', occasion)) return cut
  if (holds('error-placed', occasion)) return broken(format)
  if (holds('unreadable', occasion)) return { ...reply, body: reply.body.slice(0, 40) }
  return reply
}

/** `GET Calls/<CallSid>` */
export function detailsAnswer(account: Account, sid: string, asked: Asked, format: Format): Reply {
  const withDetails = asked.query.get('details') === 'true'
  return withDetailsFaults(account, format, () => {
    const call = account.calls.find(sid)
    if (call === undefined) return notFound(format)
    return rest(format, 200, detailsObject(call, account.details, format, Date.now(), withDetails))
  })
}

/** `GET Calls` */
export const bulkAnswer = (account: Account, asked: Asked, format: Format): Reply =>
  withDetailsFaults(account, format, () =>
    refusing(account, format, () =>
      rest(format, 200, bulk(account.calls.all(), asked.query, account.details, Date.now())),
    ),
  )

/** `GET exotelrecordings/<account>/<CallSid>.mp3`, once the call's record has settled. */
export function recordingAnswer({ calls, settings }: Account, sid: string): Reply {
  const call = calls.find(sid)
  if (call === undefined || !isReady(call, settings)) return notFound('xml')
  const { recordingRedirect } = settings
  return recordingRedirect === undefined
    ? { status: 200, headers: { 'content-type': 'audio/mpeg' }, body: silence() }
    : { status: 302, headers: { location: recordingRedirect.href }, body: '' }
}

const isReady = ({ recorded, life }: SimulatedCall, { settle }: Settings): boolean =>
  recorded && knowledge(life, settle, Date.now()).settled

function withDetailsFaults(account: Account, format: Format, answer: () => Reply): Reply {
  const { holds, settings } = account
  const occasion = `details ${account.next('details')}`
  const reply = holds('details-error', occasion) ? broken(format) : answer()
  return holds('details-slow', occasion) ? { ...reply, after: settings.slowBy } : reply
}

/** Answers 400 to what cannot be taken. */
function refusing({ settings }: Account, format: Format, answer: () => Reply): Reply {
  try {
    return answer()
  } catch (error) {
    if (!(error instanceof InvalidParameter)) throw error
    const { message } = error
    settings.onEvent({ type: 'refused', status: 400, message })
    return restException(format, 400, message)
  }
}

const cut: Reply = { status: 0, headers: {}, body: '', cut: true }
const notFound = (format: Format) => restException(format, 404, 'Resource not found')
const broken = (format: Format) => restException(format, 500, 'Internal server error')
const tooMany = (format: Format) =>
  restException(format, 429, 'Rate limit exceeded. Try again in 30 seconds.', 'RATE_LIMIT_EXCEEDED')
/** A proxy's page in place of Exotel's answer (sample 68). */
const badGateway: Reply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>',
}
