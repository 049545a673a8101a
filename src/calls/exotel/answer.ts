/** What an answer of Exotel's API says: the JSON that was asked for, or what went wrong. */
import { type } from 'arktype'
import { ExotelError } from './errors.ts'

/** `RestException` (documented: authentication, error codes); `Code` is of a page that others contradict. */
const restException = type({
  RestException: { 'Status?': 'number | string', 'Message?': 'unknown', 'Code?': 'unknown' },
})

/** Without `.json`, and perhaps from what stands before the API, errors are XML (seen in code). */
const xmlStatus = /<RestException>[\s\S]{0,500}?<Status>\s*(\d{3})\s*<\/Status>/

/** Statuses that say: refused, nothing was done (documented: error codes; that nothing was: assumed). */
const refusals = new Set([400, 401, 402, 403, 404, 405, 409, 413, 415, 422])
/** Of these, the ones that no other request of the account would escape. */
const ofTheAccount = new Set([401, 402, 403])
const tooMany = 429

/**
 * Reads an answer.
 *
 * @param retryAfter the header, where there is one
 * @returns the JSON of a success
 * @throws {ExotelError} if Exotel refused, failed, or answered what nobody can read
 */
export function readAnswer(status: number, text: string, retryAfter?: string): unknown {
  const json = parsed(text)
  const code = exceptionStatus(json, text)
  // Some clients guard against an exception under 200 (seen in code; no capture shows one).
  const effective = code !== undefined && status < 400 ? code : status
  if (effective >= 200 && effective < 300 && json !== undefined) return json
  const isTooMany = effective === tooMany
  throw new ExotelError({
    providerCode: String(code ?? status),
    withoutEffect: isTooMany || refusals.has(effective),
    general: isTooMany || ofTheAccount.has(effective) || !refusals.has(effective),
    late: effective === 504,
    retryAfter: isTooMany ? milliseconds(retryAfter) : undefined,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function exceptionStatus(json: unknown, text: string): number | undefined {
  const exception = restException(json)
  const status =
    exception instanceof type.errors
      ? xmlStatus.exec(text)?.[1]
      : (exception.RestException.Status ?? 500)
  const code = Number(status)
  return status !== undefined && Number.isInteger(code) && code >= 400 && code < 600
    ? code
    : undefined
}

/** Seconds or a date (RFC 9110 §10.2.3). Exotel sends it, says one page that others contradict. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const seconds = Number(retryAfter)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now()
  return wait > 0 ? wait : undefined
}
