/** Clients that place calls without end, and keep books on what they were told. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../client.ts'

/** Options of {@linkcode placeCalls}. */
export interface PlacingOptions {
  /** Whom to ask next, as a load balancer decides it. */
  readonly next: () => Client
  /** Clients at the same time. @default 4 */
  readonly clients?: number
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number
}

/** What the clients were told. */
export interface Placed {
  /** The calls that were answered 202. */
  readonly ids: readonly string[]
  /** Idempotency keys that were used: each is to be one call. */
  readonly keys: number
  /** Answers that an earlier request with the key had been given, or had not lived to hear. */
  readonly replayed: number
  /** Requests that nobody listened for. */
  readonly refused: number
  /** Requests whose connection ended without an answer. */
  readonly lost: number
  /** Requests that were answered 503, or 409 for a twin in flight. */
  readonly putOff: number
  /** What no client is to be told, in words. */
  readonly surprises: readonly string[]
}

/** Milliseconds between two calls of one client, at most. */
const longestPause = 250

/** Milliseconds before a request is sent again. */
const patience = 50

/**
 * Clients that go on placing calls, whatever happens, until they are stopped. What was not
 * answered, or put off, is sent again with the same Idempotency-Key, as clients are told to do.
 */
export function placeCalls({ next, clients = 4, random = Math.random }: PlacingOptions) {
  const ids: string[] = []
  const surprises: string[] = []
  const counts = { keys: 0, replayed: 0, refused: 0, lost: 0, putOff: 0 }
  let stopped = false
  let abandoned = false

  async function placeOne(client: number): Promise<void> {
    const key = randomUUID()
    counts.keys += 1
    const body = { from: '+919999900001', to: `+91999980${1000 + client * 10}`, customField: key }
    while (!abandoned) {
      const answer = await next()('POST', '/api/calls', body, { 'idempotency-key': key }).catch(
        (error: unknown) => {
          counts[isRefusal(error) ? 'refused' : 'lost'] += 1
        },
      )
      if (answer?.status === 202) {
        if (answer.body.customField !== key) surprises.push(`${key} was answered another's call`)
        if (answer.headers.get('idempotent-replayed') === 'true') counts.replayed += 1
        ids.push(answer.body.id)
        return
      }
      if (answer?.status === 503 || answer?.status === 409) counts.putOff += 1
      else if (answer) surprises.push(`${key} was answered ${answer.status} ${answer.body.code}`)
      await sleep(patience)
    }
  }

  const running = Array.from({ length: clients }, async (_, client) => {
    while (!stopped) {
      await placeOne(client)
      await sleep(random() * longestPause)
    }
  })
  return {
    /** Lets every request come to its end. */
    async stop(): Promise<Placed> {
      stopped = true
      await Promise.all(running)
      return { ...counts, ids, surprises }
    },
    /** Ends the clients though there may never be an answer. */
    async abandon(): Promise<void> {
      stopped = abandoned = true
      await Promise.all(running)
    },
  }
}

/** Bun's word for it, and everybody else's. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'ConnectionRefused' || error.code === 'ECONNREFUSED')
