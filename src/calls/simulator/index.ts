import { pause } from '../pause.ts'
import type { CallDetails, CallProvider, ProviderCall } from '../provider.ts'
import type { CallNews } from '../state-machine.ts'
import { callbackForm } from './callback.ts'
import { type Scene, type Script, scriptOf, talkSeconds } from './script.ts'
import { tone } from './tone.ts'

/** Options of {@linkcode simulator}. */
export interface SimulatorOptions {
  /** Milliseconds between two states of a call. */
  readonly step: number
  /**
   * Where this service hears its own callbacks, if `PUBLIC_URL` does not lead there from inside.
   * Asked anew each time: the port may be known only once the listener is up.
   * @default the callback address as it is
   */
  readonly callbackBase?: () => URL | undefined
  /** @default the global `fetch` */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>
  /** Hears of callbacks that could not be delivered. Never holds their address. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

/** Exotel waits 15 s for an answer, and tries up to twice again (documented). */
const answerTimeout = 15_000
const attempts = 3
/** Milliseconds between two attempts, at least. */
const leastPause = 250

/** Calls played at a time. More are left to reconciliation: each costs a timer. */
const maxPlayed = 10_000

/**
 * A provider that plays calls: it sends real HTTP status callbacks, as Exotel would, and answers
 * questions about every call that was ever placed through it, also by another process.
 */
export function simulator(options: SimulatorOptions): CallProvider {
  const { step, callbackBase, onError = () => {}, now = Date.now } = options
  const request = options.fetch ?? ((url, init) => fetch(url, init))
  const played = new Map<string, NodeJS.Timeout>()
  const closing = new AbortController()
  const deliveries = new Set<Promise<void>>()

  /**
   * Plays the scenes one after the other, so that a call never has more than one timer.
   *
   * @param start `performance.now()` as it began, whatever the wall clock says meanwhile
   */
  function play(
    call: ProviderCall,
    script: Script,
    index = 0,
    start = performance.now() - Math.max(0, now() - script.startedAt),
  ): void {
    const scene = script.scenes[index]
    if (scene === undefined || closing.signal.aborted) {
      played.delete(call.id)
      return
    }
    const timer = setTimeout(
      () => {
        if (scene.reported) track(deliver(call, script, scene))
        play(call, script, index + 1, start)
      },
      Math.max(0, start + scene.at - script.startedAt - performance.now()),
    )
    timer.unref()
    played.set(call.id, timer)
  }

  function track(delivery: Promise<void>): void {
    deliveries.add(delivery)
    void delivery.catch(onError).finally(() => deliveries.delete(delivery))
  }

  async function deliver(call: ProviderCall, script: Script, scene: Scene): Promise<void> {
    const target = new URL(call.callbackUrl)
    const url = new URL(target.pathname + target.search, (await listening()) ?? target)
    for (let attempt = 1; ; attempt += 1) {
      const status = await send(url, callbackForm(call, script, scene))
      if (status === 200 || closing.signal.aborted) return
      if (attempt === attempts)
        throw new Error(`A status callback was not accepted (${status ?? 'no answer'})`)
      await pause(Math.max(step, leastPause) * attempt, closing.signal)
    }
  }

  /** At a start, calls are taken up before the listener is there to hear of them. */
  async function listening(): Promise<URL | undefined> {
    if (callbackBase === undefined) return undefined
    const deadline = performance.now() + answerTimeout
    while (callbackBase() === undefined && performance.now() < deadline && !closing.signal.aborted)
      await pause(50, closing.signal)
    return callbackBase()
  }

  async function send(url: URL, body: FormData): Promise<number | undefined> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerTimeout)])
    try {
      const response = await request(url, { method: 'POST', body, signal, redirect: 'manual' })
      await response.body?.cancel()
      return response.status
    } catch {
      // The error may name the address, which holds the secret.
      return undefined
    }
  }

  return {
    name: 'simulator',

    async place(call) {
      if (closing.signal.aborted || played.size >= maxPlayed)
        return { outcome: 'retry', reason: 'simulator_full' }
      const script = scriptOf(call, step)
      play(call, script)
      return { outcome: 'placed', providerCallId: script.providerCallId }
    },

    async details(call) {
      return [detailsAt(scriptOf(call, step), call, now())]
    },

    async recording(call) {
      const details = detailsAt(scriptOf(call, step), call, now())
      if (details.news.recording !== true) return undefined
      return { contentType: 'audio/wav', body: tone() }
    },

    resume(calls) {
      for (const call of calls) {
        if (played.size >= maxPlayed) return
        if (!played.has(call.id)) play(call, scriptOf(call, step))
      }
    },

    async close() {
      closing.abort()
      for (const timer of played.values()) clearTimeout(timer)
      played.clear()
      await Promise.allSettled(deliveries)
    },
  }
}

function detailsAt(script: Script, call: ProviderCall, now: number): CallDetails {
  const last = script.scenes.findLast(({ at }) => at <= now)
  const answered = script.scenes.find(({ legs, at }) => legs[1] === 'in-progress' && at <= now)
  const final = last?.event === 'terminal'
  const news: CallNews = {
    authority: 'details',
    status: last === undefined || (!final && answered === undefined) ? 'ringing' : last.status,
    startedAt: new Date(script.startedAt),
    answeredAt: answered && new Date(answered.at),
    ...(final && {
      endedAt: new Date(last.at),
      durationSeconds: talkSeconds(script, last.at),
      recording: call.record && last.status === 'completed',
      failureReason: last.status === 'failed' ? 'caller_not_reached' : undefined,
    }),
  }
  const at = new Date(last?.at ?? script.startedAt)
  return { providerCallId: script.providerCallId, news, at, settled: final }
}
