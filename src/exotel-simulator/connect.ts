/** What `Calls/connect` takes, and what it refuses (documented, where nothing else is said). */
import type { CallbackEvent, Reporting } from './call.ts'
import type { Form } from './form.ts'

/** A request to place a call, understood. */
export interface ConnectRequest {
  readonly from: string
  readonly to: string
  readonly callerId: string
  readonly record: boolean
  readonly customField: string | undefined
  readonly reporting: Reporting | undefined
}

/** Why a request is refused: for a 400. */
export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter'
}

/**
 * Reads the fields of a request, whose names are case-sensitive. Names that nobody knows are passed
 * over (assumed).
 *
 * @param isExoPhone whether a number belongs to the account
 * @throws {InvalidParameter}
 */
export function readConnect(form: Form, isExoPhone: (number: string) => boolean): ConnectRequest {
  const from = number(form, 'From')
  const to = number(form, 'To')
  const callerId = number(form, 'CallerId')
  if (!isExoPhone(callerId)) throw invalid('CallerId', 'is not a number of this account')
  oneOf(form, 'CallType', ['trans'])
  whole(form, 'TimeLimit', 1, 14_400)
  whole(form, 'TimeOut', 1, 60)
  whole(form, 'MaxRetries', 0, 10)
  oneOf(form, 'RecordingChannels', ['single', 'dual'])
  oneOf(form, 'RecordingFormat', ['mp3', 'mp3-hq'])
  address(form, 'WaitUrl')
  const customField = form.get('CustomField')
  if (customField !== undefined && [...customField].length > 128)
    throw invalid('CustomField', 'is longer than 128 characters')
  return {
    from,
    to,
    callerId,
    record: oneOf(form, 'Record', ['true', 'false']) === 'true',
    customField,
    reporting: reporting(form),
  }
}

/** A telephone's number, as applets and clients write them; `sip:` addresses are none here. */
export const isNumber = (text: string): boolean => /^\+?\d{6,15}$/.test(text)

function number(form: Form, name: string): string {
  const text = form.get(name)
  if (text === undefined || text === '') throw invalid(name, 'is missing')
  if (!isNumber(text)) throw invalid(name, 'is not a valid number')
  return text
}

function reporting(form: Form): Reporting | undefined {
  const url = address(form, 'StatusCallback')
  const type = oneOf(form, 'StatusCallbackContentType', ['multipart/form-data', 'application/json'])
  const events = form.list('StatusCallbackEvents').map(event)
  if (url === undefined) return undefined
  return { url, events, spelling: type === 'application/json' ? 'json' : 'multipart' }
}

function event(text: string): CallbackEvent {
  if (text === 'answered' || text === 'terminal') return text
  throw invalid('StatusCallbackEvents', 'takes answered and terminal')
}

function address(form: Form, name: string): string | undefined {
  const text = form.get(name)
  if (text === undefined || text === '') return undefined
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  throw invalid(name, 'is not an http or https URL')
}

function whole(form: Form, name: string, least: number, most: number): void {
  const text = form.get(name)
  if (text === undefined) return
  const value = /^\d{1,6}$/.test(text) ? Number(text) : -1
  if (value < least || value > most) throw invalid(name, `must be from ${least} to ${most}`)
}

function oneOf(form: Form, name: string, words: readonly string[]): string | undefined {
  const text = form.get(name)
  if (text !== undefined && !words.includes(text))
    throw invalid(name, `must be ${words.join(' or ')}`)
  return text
}

/** The shape of the sentence is a guess (sample 60). It never repeats what was sent. */
const invalid = (name: string, what: string) =>
  new InvalidParameter(`Invalid parameter: ${name} ${what}`)
