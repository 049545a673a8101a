/** Exotel's own record of the call, as it comes and as the client reads it. */
import type { CallDetails, ProviderCall } from '../../provider.ts'
import type { ExotelAccount } from '../account.ts'
import { detailsOf, type ExotelCall, readCall } from '../details.ts'
import type { Exotel } from '../index.ts'
import { recordingPlace } from '../recording-hosts.ts'
import { ask } from './ask.ts'
import { type Differences, differencesOf } from './shape.ts'
import { callAnswer, callDetails } from './shapes.ts'

/** A record, as it came and as the client reads it. */
export interface RecordOf {
  readonly call: ExotelCall
  readonly details: CallDetails
  readonly differences: Differences
  readonly trouble?: never
}

/** What kept a record away: Exotel's own code, or a word. */
export interface NoRecord {
  readonly trouble: string
}

/** Asks for the record. @param withDetails without, it has the shape of connect's answer */
export async function lookUp(
  account: ExotelAccount,
  sid: string,
  withDetails: boolean,
  signal: AbortSignal,
): Promise<RecordOf | NoRecord> {
  const query: Readonly<Record<string, string>> = withDetails ? { details: 'true' } : {}
  const { json, trouble } = await ask(
    account,
    `Calls/${encodeURIComponent(sid)}.json`,
    query,
    signal,
  )
  if (trouble !== undefined) return { trouble }
  const call = readCall(json)
  if (call?.Sid !== sid) return { trouble: 'unreadable' }
  const address = placeOf(account, call)?.known === true ? String(call.RecordingUrl) : undefined
  return {
    call,
    details: detailsOf(call, Date.now(), address),
    differences: differencesOf(json, withDetails ? callDetails : callAnswer),
  }
}

/** Where a record says that the recording lies; undefined while it says nothing. */
export function placeOf(
  account: ExotelAccount,
  { RecordingUrl: address }: ExotelCall,
): { readonly host: string; readonly known: boolean } | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined
  const known = recordingPlace(account, address) !== undefined
  // The address stays untold: it names the account and the call.
  return { host: new URL(address).hostname, known }
}

/** What a recording turned out to be. */
export interface Sound {
  readonly type: string
  /** Undefined: its length was not said. */
  readonly bytes: number | undefined
}

/**
 * Fetches a recording as a client of the API would, and stops after its first bytes.
 *
 * @returns undefined if there is none as yet @throws {ExotelError} if it cannot be had
 */
export async function firstBytes(
  provider: Exotel,
  call: ProviderCall,
  signal: AbortSignal,
): Promise<Sound | undefined> {
  const recording = await provider.recording(call, signal)
  if (recording === undefined) return undefined
  const { contentType: type, length: bytes, body } = recording
  if (body instanceof Uint8Array) return { type, bytes: body.byteLength }
  const reader = body.getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return value === undefined ? undefined : { type, bytes }
}
