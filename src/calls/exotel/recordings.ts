/** Fetches a recording as it is streamed to whoever asked for it. */

import type { HttpClientTelemetry } from '#telemetry/index.ts'
import { OverloadedError } from '../../errors.ts'
import type { Recording } from '../provider.ts'
import { authorization, type ExotelAccount } from './account.ts'
import { ExotelError } from './errors.ts'
import { type HttpAnswer, HttpFailure, send } from './http.ts'
import { type RecordingPlace, redirectTarget } from './recording-hosts.ts'

/** Redirects that are followed: from Exotel to its storage is one. */
const mostHops = 3

/** Recordings that one process streams at a time: each holds two connections. */
const mostStreams = 32

/** Milliseconds after which a stream that nobody reads on is cut. */
const longestStream = 15 * 60_000

/** Bytes: four hours of uncompressed sound in stereo are half of it. */
const largest = 1_073_741_824

/** What players know, by its usual name. Anything else is handed on as bytes, which no browser runs. */
const soundTypes: ReadonlyMap<string, string> = new Map([
  ['audio/mpeg', 'audio/mpeg'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/wav', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-wav', 'audio/wav'],
])

/** Options of {@linkcode recordings}. */
export interface RecordingsOptions {
  readonly account: ExotelAccount
  readonly telemetry: HttpClientTelemetry
}

/** The recordings of one account. */
export interface Recordings {
  /**
   * @returns undefined if there is nothing at the place, or not for us
   * @throws {ExotelError} if it cannot be had now
   * @throws {OverloadedError} if too many are streamed already
   */
  fetch(place: RecordingPlace, signal: AbortSignal): Promise<Recording | undefined>
  /** Cuts what is still streamed. */
  close(): void
}

export function recordings({ account, telemetry }: RecordingsOptions): Recordings {
  const closing = new AbortController()
  let streams = 0

  /** Follows redirects; the key goes to the first place only. */
  async function follow(place: RecordingPlace, signal: AbortSignal): Promise<HttpAnswer> {
    let { url } = place
    for (let hop = 0; hop <= mostHops; hop += 1) {
      const withKey = place.withKey && hop === 0
      const answer = await ask(url, withKey, signal)
      if (answer.status < 300 || answer.status >= 400) return answer
      answer.body.destroy()
      const location = answer.header('location')
      const next = location === undefined ? undefined : redirectTarget(account, url, location)
      // To hand on what lies anywhere else would make us a way into our own network.
      if (next === undefined) break
      url = next
    }
    throw unavailable('redirect')
  }

  const ask = (url: URL, withKey: boolean, signal: AbortSignal): Promise<HttpAnswer> =>
    telemetry.measure(
      { method: 'GET', origin: url, template: '/exotelrecordings/{sid}/{recording}' },
      async (answered) => {
        const headers: Record<string, string> = { accept: 'audio/*' }
        if (withKey) headers['authorization'] = authorization(account)
        const answer = await send({ method: 'GET', url, headers, signal })
        answered(answer.status)
        return answer
      },
    )

  return {
    async fetch(place, asked) {
      if (streams >= mostStreams)
        throw new OverloadedError('Too many recordings are played at once: try again in a moment')
      streams += 1
      let isOpen = true
      const release = () => {
        if (isOpen) streams -= 1
        isOpen = false
      }
      try {
        const signal = AbortSignal.any([asked, closing.signal, AbortSignal.timeout(longestStream)])
        const answer = await follow(place, signal).catch((error: unknown) => {
          throw error instanceof HttpFailure ? unavailable(undefined, error) : error
        })
        if (answer.status === 200) return streamed(answer, release)
        answer.body.destroy()
        // Not there yet, or only for who is allowed: an address of its own may be.
        if (answer.status < 500 && answer.status !== 429) {
          release()
          return undefined
        }
        throw unavailable(String(answer.status))
      } catch (error) {
        release()
        throw error
      }
    },

    close: () => closing.abort(),
  }
}

function unavailable(providerCode: string | undefined, cause?: HttpFailure): ExotelError {
  const late = cause?.kind === 'timeout' || providerCode === '504'
  return new ExotelError({ providerCode, withoutEffect: true, general: true, late }, { cause })
}

function streamed({ body, header }: HttpAnswer, release: () => void): Recording {
  const [type = ''] = (header('content-type') ?? '').toLowerCase().split(';')
  const length = Number(header('content-length') ?? Number.NaN)
  body.once('close', release)
  return {
    contentType: soundTypes.get(type.trim()) ?? 'application/octet-stream',
    ...(Number.isSafeInteger(length) && { length }),
    body: bounded(body),
  }
}

/** A web stream of a body, pulled as it is read, that fails where the body breaks off or is too long. */
function bounded(body: HttpAnswer['body']): ReadableStream<Uint8Array> {
  const chunks = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  let size = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next()
        if (done === true) {
          if (body.complete) controller.close()
          else controller.error(new HttpFailure('reset', true))
          return
        }
        size += value.byteLength
        if (size > largest) throw new HttpFailure('reset', true)
        controller.enqueue(new Uint8Array(value))
      } catch (error) {
        body.destroy()
        controller.error(error)
      }
    },
    cancel() {
      body.destroy()
    },
  })
}
