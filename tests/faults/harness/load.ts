/** A steady load of mixed work, which goes on whatever happens, and keeps books. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../support/client.ts'
import { type Placed, placeCalls } from '../../support/crash/placing.ts'
import { type Kind, type Note, noting } from './notes.ts'
import type { Stage } from './stage.ts'

/** What clients were promised. */
export interface Acknowledged {
  /** Calls that were answered 202, and what else their clients were told. */
  readonly placed: Placed
  /** `CallSid` of messages that were answered 200. */
  readonly callbacks: readonly string[]
  /** Requests that leave one row in the trail, by id, with its type. */
  readonly audited: ReadonlyMap<string, 'ACCESS_DENIED' | 'LOGIN_SUCCESS'>
}

/** A running load. */
export interface Load {
  /** So far, in the order in which they ended. */
  readonly notes: readonly Note[]
  /** Lets every request come to its end. */
  stop(): Promise<Acknowledged>
}

/** Milliseconds between two requests of one kind, once the one before is answered. */
const pauses = {
  index: 150,
  read: 150,
  login: 1000,
  callback: 200,
  refusal: 200,
  live: 150,
  ready: 250,
}

/** Milliseconds for which the last requests are sent again. */
const patience = 30_000

/** Starts one. `times` makes it heavier: that many readers and callers instead of each one. */
export function startLoad(stage: Stage, times = 1): Load {
  const notes: Note[] = []
  const callbacks: string[] = []
  const audited = new Map<string, 'ACCESS_DENIED' | 'LOGIN_SUCCESS'>()
  let stopped = false
  let abandoned = false
  const as = (kind: Kind, client: Client): Client => noting(notes, kind, client)
  const index = as('index', stage.stranger)
  const read = as('read', stage.client)
  const login = as('login', stage.stranger)
  const callback = as('callback', stage.stranger)
  const refusal = as('refusal', stage.stranger)
  const live = as('live', stage.stranger)
  const ready = as('ready', stage.stranger)
  const place = as('call', stage.client)

  const works: Readonly<Record<keyof typeof pauses, () => Promise<unknown>>> = {
    index: () => index('GET', '/api'),
    read: () => read('GET', '/api/calls?limit=5'),
    live: () => live('GET', '/health/live'),
    ready: () => ready('GET', '/health/ready'),
    async login() {
      const { status, headers } = await login('POST', '/api/auth/login', stage.caly().admin)
      if (status === 200) audited.set(idIn(headers), 'LOGIN_SUCCESS')
    },
    async refusal() {
      const { status, headers } = await refusal('GET', '/api/calls', undefined, fromSomewhere())
      if (status === 401) audited.set(idIn(headers), 'ACCESS_DENIED')
    },
    /** As the provider does it: again until it is taken. */
    async callback() {
      const sid = randomUUID().replaceAll('-', '')
      const body = { CallSid: sid, Status: 'completed' }
      while (!abandoned) {
        const answer = await callback('POST', `/api/webhooks/exotel/${stage.webhookSecret}`, body)
          // Noted already.
          .catch(() => undefined)
        if (answer?.status === 200) {
          callbacks.push(sid)
          return
        }
        await sleep(pauses.callback)
      }
    },
  }

  async function repeat(kind: keyof typeof pauses): Promise<void> {
    while (!stopped) {
      await works[kind]().catch(() => {
        // Noted already: the next request shows whether anybody is there again.
      })
      await sleep(pauses[kind])
    }
  }

  const kinds = Object.keys(pauses) as (keyof typeof pauses)[]
  const more = Array.from({ length: times - 1 }, () => 'read' as const)
  const running = [...kinds, ...more].map(repeat)
  const placing = placeCalls({ next: () => place, clients: 2 * times })
  return {
    notes,
    async stop() {
      stopped = true
      // Where nobody answers any more, that is told already.
      const timer = setTimeout(() => {
        abandoned = true
        void placing.abandon()
      }, patience)
      const [placed] = await Promise.all([placing.stop(), ...running])
      clearTimeout(timer)
      return { placed, callbacks, audited }
    },
  }
}

const idIn = (headers: Headers): string => headers.get('x-request-id') ?? 'none'

/** An address that nobody else has: the trail sums up the refusals of one. */
function fromSomewhere() {
  const id = randomUUID()
  return { 'x-forwarded-for': `2001:${id.slice(0, 4)}:${id.slice(4, 8)}::1` }
}
