/** The one way out of a scan: JSON over HTTP, with a bound on everything. */
import { attempt } from './http/attempt.ts'
import type { Failure } from './http/failure.ts'
import { gate } from './http/gate.ts'
import type { HttpOptions, JsonRequest } from './http/options.ts'
import { backoff, sleep } from './http/pauses.ts'
import { target } from './http/target.ts'

/** An answer, or why there is none. */
export type JsonAnswer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      /** Undefined where nothing was answered. */
      readonly status: number | undefined
      /** A sentence without its full stop, for an operator. Names the host; no path, no credentials. */
      readonly why: string
    }

/** A client with its own queue and memory, for one scan. */
export interface HttpClient {
  /**
   * Asks for JSON, and never rejects. A user and password in the URL are sent as Basic authorization.
   *
   * @param signal the end of all waiting: in the queue, for an answer, between attempts
   */
  json(url: string, request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer>
}

/**
 * After as many requests in a row that came to nothing, a host is not asked any more: one that hangs
 * would cost a timeout for each of a thousand packages.
 */
const enough = 3

/** Makes the client of one scan. */
export function httpClient(options: HttpOptions = {}): HttpClient {
  const { attempts = 3, concurrency = 12, pause = 400, longestPause = 15_000 } = options
  const inTurn = gate(concurrency)
  /** Requests in a row that came to nothing, by host. */
  const misses = new Map<string, number>()
  const isGivenUp = (host: string) => (misses.get(host) ?? 0) >= enough

  async function asked(
    url: string,
    request: JsonRequest,
    signal: AbortSignal,
  ): Promise<JsonAnswer> {
    const to = target(url)
    if (to === undefined) return { ok: false, status: undefined, why: 'An address is no HTTP URL' }
    if (isGivenUp(to.host)) return failed(to.host, 'failed too often and was not asked again')
    for (let nth = 1; ; nth++) {
      const outcome = await attempt(to, request, options, signal)
      if (signal.aborted && !outcome.ok) return failed(to.host, 'had not answered in time')
      const wait = outcome.ok ? undefined : backoff(outcome, { nth, pause, longestPause })
      if (outcome.ok || wait === undefined || nth >= attempts) {
        // Read now: of what is asked side by side, each failure counts.
        const missed = !outcome.ok && outcome.passing ? (misses.get(to.host) ?? 0) + 1 : 0
        misses.set(to.host, missed)
        return outcome.ok ? outcome : failed(to.host, outcome.why, outcome, nth)
      }
      await sleep(wait, signal)
      // Others may have learned meanwhile that it is no use.
      if (isGivenUp(to.host)) return failed(to.host, outcome.why, outcome, nth)
    }
  }

  return {
    async json(url, request, signal) {
      const answer = await inTurn(signal, () => asked(url, request, signal))
      return answer ?? failed(target(url)?.host ?? 'A host', 'could not be asked in time')
    },
  }
}

function failed(host: string, why: string, outcome?: Failure, attempts = 1): JsonAnswer {
  const times = attempts > 1 ? ` (asked ${attempts} times)` : ''
  return { ok: false, status: outcome?.status, why: `${host} ${why}${times}` }
}
