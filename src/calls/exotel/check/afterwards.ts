/** What is tried once the call is over: the search that finds calls without a name, the recording. */
import { pause } from '../../pause.ts'
import type { ProviderCall } from '../../provider.ts'
import type { ExotelAccount } from '../account.ts'
import { ExotelError } from '../errors.ts'
import type { Exotel } from '../index.ts'
import { interrupted, noRecording, recordingFailed, strangeRecordingPlace } from './failures.ts'
import type { CheckLimits } from './limits.ts'
import { firstBytes, lookUp, placeOf } from './record.ts'
import type { Report } from './report.ts'

/** What trying takes. */
export interface AfterwardsParts {
  readonly account: ExotelAccount
  readonly provider: Exotel
  /** The call as the provider needs to know it, by its name. */
  readonly call: ProviderCall & { readonly providerCallId: string }
  readonly limits: CheckLimits
  readonly report: Report
  readonly signal: AbortSignal
}

/** Whether the client would find the call, had connect's answer been lost. Undefined: no answer. */
export async function search(parts: AfterwardsParts): Promise<boolean | undefined> {
  const { provider, call, report, signal } = parts
  try {
    const found = await provider.details({ ...call, providerCallId: null }, signal)
    return found.some(({ providerCallId }) => providerCallId === call.providerCallId)
  } catch (error) {
    if (!(error instanceof ExotelError)) throw error
    report.tell(`The search for the call got no answer (${troubleOf(error)})`)
    return undefined
  }
}

/** What came of the recording. */
export interface RecordingSeen {
  readonly isPlaceKnown: boolean
  /** Whether its first bytes came. */
  readonly isThere: boolean
  /** Whether it is of a type that players know. */
  readonly isTypeKnown: boolean
}

/**
 * Fetches the recording's first bytes, once there is one: it takes some minutes (documented, weakly).
 *
 * @param within milliseconds that are left
 * @returns undefined if there is none
 */
export async function tryRecording(
  parts: AfterwardsParts,
  within: number,
): Promise<RecordingSeen | undefined> {
  const { limits, report, signal } = parts
  const deadline = performance.now() + within
  for (let wait = firstPause; ; wait = Math.min(2 * wait, limits.inquiry)) {
    const seen = await tryOnce(parts)
    if (seen !== undefined) return seen
    if (signal.aborted) {
      report.fail(interrupted)
      return undefined
    }
    if (performance.now() + wait > deadline) break
    await pause(wait, signal)
  }
  report.fail(noRecording)
  return undefined
}

/** Milliseconds before the second try: each later one waits twice as long. */
const firstPause = 1000

/** @returns undefined: not there yet */
async function tryOnce(parts: AfterwardsParts): Promise<RecordingSeen | undefined> {
  const { account, provider, call, report, signal } = parts
  const looked = await lookUp(account, call.providerCallId, true, signal)
  const place = looked.trouble === undefined ? placeOf(account, looked.call) : undefined
  if (place === undefined) return undefined
  if (!place.known) {
    report.fail(strangeRecordingPlace(place.host))
    return { isPlaceKnown: false, isThere: false, isTypeKnown: false }
  }
  try {
    const sound = await firstBytes(provider, call, signal)
    if (sound === undefined) return undefined
    const { type, bytes } = sound
    const size = bytes === undefined ? 'of unsaid length' : `${bytes} bytes`
    report.tell(`recording: ${type}, ${size}, at ${place.host}`)
    return { isPlaceKnown: true, isThere: true, isTypeKnown: type.startsWith('audio/') }
  } catch (error) {
    if (signal.aborted) return undefined
    if (!(error instanceof ExotelError)) throw error
    report.fail(recordingFailed(troubleOf(error)))
    return { isPlaceKnown: true, isThere: false, isTypeKnown: false }
  }
}

/** Exotel's code; `redirect`, for one to where no recording of Exotel's lies. */
const troubleOf = ({ providerCode = 'unreachable' }: ExotelError): string => providerCode
