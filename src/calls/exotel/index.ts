/** Calls over Exotel (Connect Two Numbers, Call Details, recordings). */
import type { HttpClientTelemetry } from '#telemetry/index.ts'
import type { LimiterStore } from '../../hooks/rate-limit/index.ts'
import type { CallDetails, CallProvider } from '../provider.ts'
import type { ExotelAccount } from './account.ts'
import { type ExotelApi, exotelApi, type Method } from './api.ts'
import { type CircuitState, circuitBreaker } from './circuit-breaker.ts'
import { detailsOf, type ExotelCall, readCall } from './details.ts'
import { ExotelError } from './errors.ts'
import { pace, type RateSetting } from './pace.ts'
import { connectForm, placementAfter, placementOf } from './place.ts'
import { recordingPlace } from './recording-hosts.ts'
import { recordings } from './recordings.ts'
import { search } from './search.ts'

export type { ExotelAccount } from './account.ts'
export type { CircuitState } from './circuit-breaker.ts'

/** Options of {@linkcode exotel}. */
export interface ExotelOptions {
  readonly account: ExotelAccount
  /** What the account may send. Undefined: as fast as it goes. */
  readonly rate: RateSetting | undefined
  /** Where the rate is counted: with Redis, by all replicas together. */
  readonly store: LimiterStore
  readonly telemetry: HttpClientTelemetry
  /** Milliseconds after a call's end from which on its record is worth reading. @default 2 minutes */
  readonly settlesAfter?: number
  /** Milliseconds to the connection, and from there to the answer. @default 5 and 20 seconds */
  readonly connectTimeout?: number
  readonly answerTimeout?: number
  /** Hears of the circuit breaker. */
  readonly onCircuit?: (state: CircuitState) => void
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly monotonic?: () => number
}

/** Exotel as a provider, whose circuit breaker can be looked at. */
export interface Exotel extends CallProvider {
  readonly circuit: CircuitState
}

/** Duration, price and recording come 2 minutes after the end and later (documented). */
const usualSettling = 2 * 60_000

/** Codes of an account that is refused everything. */
const accountCodes = new Set(['401', '402', '403'])

/**
 * Places calls over an account with Exotel. Each call is asked for once, over a connection of its
 * own; whatever is not certain afterwards is left to callbacks and {@linkcode CallProvider.details}.
 */
export function exotel(options: ExotelOptions): Exotel {
  const { account, telemetry, store, settlesAfter = usualSettling, now = Date.now } = options
  const clock = options.monotonic && { monotonic: options.monotonic }
  const breakers = {
    placing: circuitBreaker({
      ...clock,
      ...(options.onCircuit && { onChange: options.onCircuit }),
    }),
    asking: circuitBreaker({ ...clock }),
  }
  /** Codes by which the account is refused. That it may ask does not mean that it may call. */
  const refusals = new Map<Method, string>()
  const api = exotelApi({
    account,
    breakers,
    telemetry,
    pace: pace(options.rate, store, account.sid),
    ...(options.connectTimeout !== undefined && { connectTimeout: options.connectTimeout }),
    ...(options.answerTimeout !== undefined && { answerTimeout: options.answerTimeout }),
    onAnswer(method, error) {
      const code = error?.providerCode
      if (code !== undefined && accountCodes.has(code)) refusals.set(method, code)
      // No answer at all says nothing about the account.
      else if (error === undefined || code !== undefined) refusals.delete(method)
    },
  })
  const sounds = recordings({ account, telemetry })

  const read = (call: ExotelCall): CallDetails => {
    const url = call.RecordingUrl
    const isPlace = typeof url === 'string' && recordingPlace(account, url) !== undefined
    return detailsOf(call, now(), isPlace ? url : undefined)
  }

  return {
    name: 'exotel',
    settlesAfter,

    get circuit() {
      return breakers.placing.state
    },

    turn: (signal) => api.turn(signal),

    async place(call, signal) {
      const question = { path: 'Calls/connect.json', template: 'Calls/connect.json', signal }
      return await api
        .post(question, connectForm(account, call))
        .then(placementOf)
        .catch(placementAfter)
    },

    async details(call, signal) {
      if (call.providerCallId === null) {
        const found = await search({ api, account, signal, now }, call)
        return found.map(read)
      }
      const found = await lookUp(api, call.providerCallId, signal)
      return found === undefined ? [] : [read(found)]
    },

    async recording(call, signal) {
      const known =
        call.recordingUrl === null ? undefined : recordingPlace(account, call.recordingUrl)
      const sound = known ? await sounds.fetch(known, signal) : undefined
      if (sound !== undefined || call.providerCallId === null) return sound
      // Nothing was known, or it has moved, or it is only to be had by a signed address of today.
      const fresh = await lookUp(api, call.providerCallId, signal)
      for (const address of [fresh?.PreSignedRecordingUrl, fresh?.RecordingUrl]) {
        const place = typeof address === 'string' ? recordingPlace(account, address) : undefined
        if (place === undefined || place.url.href === known?.url.href) continue
        // A signed address needs no key beside its signature, and S3 refuses both together.
        const isSigned = address === fresh?.PreSignedRecordingUrl
        const found = await sounds.fetch(isSigned ? { ...place, withKey: false } : place, signal)
        if (found !== undefined) return found
      }
      return undefined
    },

    warning() {
      const refusal = refusals.get('POST') ?? refusals.get('GET')
      if (refusal !== undefined)
        return `Exotel refuses the account (${refusal}): check its credentials and its balance`
      if (breakers.placing.state !== 'closed') return 'Exotel places no calls now: they wait'
      return breakers.asking.state === 'closed' ? undefined : 'Exotel answers no questions now'
    },

    async close() {
      sounds.close()
    },
  }
}

/** One call's own record; undefined if Exotel has none. */
async function lookUp(
  api: ExotelApi,
  providerCallId: string,
  signal: AbortSignal,
): Promise<ExotelCall | undefined> {
  try {
    const answer = await api.get({
      path: `Calls/${encodeURIComponent(providerCallId)}.json`,
      template: 'Calls/{callSid}.json',
      query: new URLSearchParams({ details: 'true' }),
      signal,
    })
    const call = readCall(answer)
    if (call?.Sid === providerCallId) return call
    throw new ExotelError({ withoutEffect: true, general: false })
  } catch (error) {
    // A Sid that Exotel refuses to look up (400, 404) is none of its own (404 documented; 400 assumed).
    if (error instanceof ExotelError && error.isRefusal && !error.general) return undefined
    throw error
  }
}
