/** Delivers messages to whoever is called back, with all that can go wrong on the way. */
import type { Fault } from './faults.ts'
import { type Fields, type Message, type Spelled, spell } from './message.ts'
import type { Settings } from './options.ts'
import type { Pauses } from './pauses.ts'

/** A message under way. */
export interface Delivery {
  /** Resolves after the first attempt; at once for a message that is to be late. Never rejects. */
  readonly tried: Promise<void>
  /** Resolves once the message, and what faults made of it, is delivered or given up. */
  readonly done: Promise<void>
}

/** Sends messages. */
export interface Courier {
  send(message: Message): Delivery
  /** Ends what is under way. */
  close(): void
}

/** What a courier works with. */
export interface CourierOptions {
  readonly settings: Settings
  readonly pauses: Pauses
  readonly holds: (fault: Fault, occasion: string) => boolean
}

/** Requests at a time. */
const concurrency = 64
/** A callback is tried up to twice again (documented); what a flow asks is asked once (assumed). */
const attempts = 3
/** Milliseconds between two attempts, at least: Exotel's 5 and 15 minutes would help nobody here. */
const leastPause = 250

export function courier({ settings, pauses, holds }: CourierOptions): Courier {
  const { step, lateBy, answerWithin, onEvent, seed } = settings
  const closing = new AbortController()
  const queue: (() => void)[] = []
  let running = 0

  /** One of so many at a time, first come first served. */
  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running < concurrency) running += 1
    else await new Promise<void>((resolve) => queue.push(resolve))
    try {
      return await work()
    } finally {
      // Hands its place on, if somebody waits.
      const next = queue.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  /** @returns the status; undefined where there was no answer in time */
  const request = (address: string, { method, contentType, text }: Spelled) =>
    inTurn(async (): Promise<number | undefined> => {
      if (pauses.closed) return undefined
      try {
        const response = await fetch(method === 'GET' ? withQuery(address, text) : address, {
          method,
          redirect: 'manual',
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(answerWithin)]),
          ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
          ...(method === 'POST' && { body: text }),
        })
        await response.body?.cancel()
        return response.status
      } catch {
        // The error may name the address, which holds a secret.
        return undefined
      }
    })

  async function deliver(message: Message, tried: () => void): Promise<void> {
    const { call, name, url, spelling, fields } = message
    const tries = spelling === 'query' ? 1 : attempts
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      if (attempt > 1) await pauses.wait(Math.max(step, leastPause))
      if (pauses.closed) return
      call.tally.sent += 1
      const status = await request(url, spell({ spelling, fields }))
      tried()
      // A flow is steered by a redirect; a callback is not (documented, weakly).
      if (status === 200 || (spelling === 'query' && status === 302)) {
        call.tally.accepted += 1
        return
      }
    }
    if (pauses.closed) return
    call.tally.failed += 1
    onEvent({ type: 'undelivered', sid: call.sid, message: name })
  }

  /** What a fault sends beside the right message; nobody minds what it is answered. */
  async function extra(address: string, spelled: Spelled): Promise<void> {
    await request(address, spelled)
  }

  async function carry(message: Message, tried: () => void): Promise<void> {
    const { call, name, url, fields } = message
    const occasion = `call ${call.ordinal} ${name}`
    if (holds('callback-lost', occasion)) {
      call.tally.lost += 1
      return
    }
    if (holds('callback-late', occasion)) {
      tried()
      await pauses.wait(lateBy * step)
    }
    await Promise.all([
      deliver(message, tried),
      ...(holds('callback-twice', occasion) ? [deliver(message, tried)] : []),
      ...(holds('callback-malformed', occasion) ? [extra(url, broken(spell(message)))] : []),
      ...(holds('callback-wrong-secret', occasion)
        ? [extra(otherSecret(url, seed), spell({ ...message, fields: forged(fields) }))]
        : []),
    ])
  }

  return {
    send(message) {
      const { promise: tried, resolve } = Promise.withResolvers<void>()
      return { tried, done: carry(message, resolve).finally(resolve) }
    },
    close() {
      closing.abort()
      for (const next of queue.splice(0)) next()
    },
  }
}

function withQuery(address: string, query: string): string {
  const url = new URL(address)
  url.search = [url.search.slice(1), query].filter(Boolean).join('&')
  return url.href
}

/** The connection broke in the middle, and something in between closed it politely. */
const broken = (spelled: Spelled): Spelled => ({
  ...spelled,
  text: spelled.text.slice(0, Math.floor(spelled.text.length * 0.6)),
})

/** A receiver that believed it would show another outcome than the call's. */
function forged(fields: Fields): Fields {
  const name = Object.hasOwn(fields, 'DialCallStatus') ? 'DialCallStatus' : 'Status'
  return { ...fields, [name]: fields[name] === 'failed' ? 'completed' : 'failed' }
}

/** The same address but for the end of its path, where receivers have their secret (seen in code). */
function otherSecret(address: string, seed: number): string {
  const url = new URL(address)
  const parts = url.pathname.split('/')
  const secret = parts.pop() ?? ''
  url.pathname = [...parts, `${seed}wrong${secret}`.slice(0, Math.max(secret.length, 8))].join('/')
  return url.href
}
