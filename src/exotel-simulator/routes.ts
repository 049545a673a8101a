/** Which request gets which answer. */
import {
  type Account,
  bulkAnswer,
  connectAnswer,
  detailsAnswer,
  recordingAnswer,
} from './account.ts'
import { type Control, controlAnswer } from './control.ts'
import type { Guard } from './guard.ts'
import { type Format, type Reply, restException } from './reply.ts'
import type { Asked } from './server.ts'

/** What is behind the routes. */
export interface RoutesOptions {
  readonly account: Account
  readonly control: Control
  readonly guard: Guard
  /** Counts a request by what it asked for. */
  readonly count: (what: Request) => void
}

/** What requests are counted by. */
export type Request = 'connect' | 'details' | 'bulk' | 'recording' | 'simulator' | 'unauthorized'

/** A request of one route, its path taken apart. */
interface Visit {
  readonly what: Exclude<Request, 'unauthorized'>
  readonly method: 'GET' | 'POST'
  /** The account that the path names; undefined where it names none. */
  readonly sid?: string | undefined
  readonly format: Format
  answer(asked: Asked): Reply | Promise<Reply>
}

export function routes(options: RoutesOptions): (asked: Asked) => Promise<Reply> {
  const { account, guard, count } = options
  const refuse = (format: Format, status: number, message: string, headers = {}): Reply => {
    account.settings.onEvent({ type: 'refused', status, message })
    const reply = restException(format, status, message)
    return { ...reply, headers: { ...reply.headers, ...headers } }
  }
  return async (asked) => {
    const format = formatOf(asked.path)
    const visit = visitOf(asked.path, options)
    const admitted =
      guard.admits(asked.authorization) ||
      (visit?.what === 'recording' && guard.hasSigned(asked.path, asked.query))
    if (!admitted) {
      count('unauthorized')
      return refuse(format, 401, 'Authentication failed. Check your API key and token.', {
        'www-authenticate': 'Basic realm="Exotel"',
      })
    }
    if (asked.body === undefined) return refuse(format, 413, 'Request entity too large')
    // Paths are case-sensitive (seen in code). Another account is not there (documented: 404 SID).
    if (visit === undefined || (visit.sid !== undefined && visit.sid !== account.settings.sid))
      return refuse(format, 404, 'Resource not found')
    count(visit.what)
    const method = asked.method === 'HEAD' ? 'GET' : asked.method
    if (method !== visit.method)
      return refuse(format, 405, 'Method not allowed', { allow: visit.method })
    return await visit.answer(asked)
  }
}

const formatOf = (path: string): Format => (/^\/simulator\/|\.json$/.test(path) ? 'json' : 'xml')

function visitOf(path: string, { account, control }: RoutesOptions): Visit | undefined {
  const format = formatOf(path)
  const [, sid, rest = ''] = /^\/v1\/Accounts\/([^/]+)\/(Calls.*)$/.exec(path) ?? []
  const ask = (what: 'bulk' | 'details', answer: Visit['answer']): Visit => ({
    what,
    method: 'GET',
    sid,
    format,
    answer,
  })
  if (/^Calls\/connect(\.json)?$/.test(rest)) {
    const answer = (asked: Asked) => connectAnswer(account, asked, format)
    return { what: 'connect', method: 'POST', sid, format, answer }
  }
  if (/^Calls(\.json)?$/.test(rest))
    return ask('bulk', (asked) => bulkAnswer(account, asked, format))
  const [, call] = /^Calls\/([A-Za-z0-9]{1,64})(?:\.json)?$/.exec(rest) ?? []
  if (call !== undefined)
    return ask('details', (asked) => detailsAnswer(account, call, asked, format))
  const [, owner, recorded] =
    /^\/exotelrecordings\/([^/]+)\/([A-Za-z0-9]{1,64})\.mp3$/.exec(path) ?? []
  if (recorded !== undefined) {
    const answer = () => recordingAnswer(account, recorded)
    return { what: 'recording', method: 'GET', sid: owner, format, answer }
  }
  const answer = controlAnswer(control, path)
  return answer && { what: 'simulator', format, ...answer }
}
