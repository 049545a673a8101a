/** Fetches a recording as it is streamed to whoever asked for it. */

import type { HttpClientTelemetry } from '#telemetry/index.ts'
import type { Recording } from '../provider.ts'
import { authorization, type ExotelAccount } from './account.ts'
import { ExotelError } from './errors.ts'
import { type HttpAnswer, HttpFailure, send } from './http.ts'
import { type RecordingPlace, redirectTarget } from './recording-hosts.ts'

/** Redirects that are followed: from Exotel to its storage is one. */
const mostHops = 3

/** Milliseconds after which a stream is cut, however it goes. */
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
  /**
   * Milliseconds after which a stream is cut of which nobody reads, or to which nothing comes.
   *
   * @default 30000
   */
  readonly idleTimeout?: number
}

/** The recordings of one account. */
export interface Recordings {
  /**
   * @returns undefined if there is nothing at the place, or not for us
   * @throws {ExotelError} if it cannot be had now
   */
  fetch(place: RecordingPlace, signal: AbortSignal): Promise<Recording | undefined>
  /** Cuts what is still streamed. */
  close(): void
}

export function recordings(options: RecordingsOptions): Recordings {
  const { account, telemetry, idleTimeout = 30_000 } = options
  const closing = new AbortController()

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
      const signal = AbortSignal.any([asked, closing.signal, AbortSignal.timeout(longestStream)])
      const answer = await follow(place, signal).catch((error: unknown) => {
        throw error instanceof HttpFailure ? unavailable(undefined, error) : error
      })
      if (answer.status === 200) return streamed(answer, idleTimeout)
      answer.body.destroy()
      // Not there yet, or only for who is allowed: an address of its own may be.
      if (answer.status < 500 && answer.status !== 429) return undefined
      throw unavailable(String(answer.status))
    },

    close: () => closing.abort(),
  }
}

function unavailable(providerCode: string | undefined, cause?: HttpFailure): ExotelError {
  const late = cause?.kind === 'timeout' || providerCode === '504'
  return new ExotelError({ providerCode, withoutEffect: true, general: true, late }, { cause })
}

function streamed(answer: HttpAnswer, idleTimeout: number): Recording {
  const { header } = answer
  const [type = ''] = (header('content-type') ?? '').toLowerCase().split(';')
  const length = Number(header('content-length') ?? Number.NaN)
  return {
    contentType: soundTypes.get(type.trim()) ?? 'application/octet-stream',
    ...(Number.isSafeInteger(length) && { length }),
    body: bounded(answer, idleTimeout),
  }
}

/**
 * A web stream of a body, pulled as it is read. It fails where the body breaks off or is too long, and
 * where either side does nothing for too long: each stream holds two connections.
 */
function bounded({ body, isWhole }: HttpAnswer, idleTimeout: number): ReadableStream<Uint8Array> {
  const chunks = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  let size = 0
  let timer: NodeJS.Timeout | undefined
  const end = () => {
    clearTimeout(timer)
    body.destroy()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        timer = setTimeout(() => {
          controller.error(new HttpFailure('timeout', true))
          end()
        }, idleTimeout).unref()
      },
      async pull(controller) {
        timer?.refresh()
        try {
          const { done, value } = await chunks.next()
          timer?.refresh()
          if (done === true) {
            if (!isWhole()) throw new HttpFailure('reset', true)
            end()
            controller.close()
            return
          }
          size += value.byteLength
          if (size > largest) throw new HttpFailure('reset', true)
          controller.enqueue(new Uint8Array(value))
        } catch (error) {
          end()
          controller.error(error)
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
