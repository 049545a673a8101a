/** Clients that place and read calls through the proxy, and note every request that has no answer. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, clientOf } from '../support/client.ts'
import { placeCalls } from '../support/crash/placing.ts'
import { eventually } from '../support/process.ts'
import type { Trio } from './trio.ts'

/** A request without its answer. */
export interface Lost {
  readonly request: string
  readonly answer: string
  /** `performance.now()` when it was sent. */
  readonly sentAt: number
}

/** Clients of each kind, at the same time. */
const placers = 4
const readers = 2

/** Milliseconds between two requests of a reader. */
const rest = 25

/** How many requests may be on their way at a moment. */
export const inFlight = placers + readers

/** Starts to ask. Readers never ask again; who places calls does, with the same key. */
export function startLoad({ proxy }: Trio, key: string) {
  const client = clientOf({ baseUrl: proxy.baseUrl }, key)
  const lost: Lost[] = []
  let answered = 0
  let reading = true

  const noting: Client = async (method, path, ...rest) => {
    const sentAt = performance.now()
    const note = (answer: string) => lost.push({ request: `${method} ${path}`, answer, sentAt })
    const answer = await client(method, path, ...rest).catch((error: unknown) => {
      note(String(error))
      throw error
    })
    // What the proxy says when the replica behind it said nothing.
    if (answer.status === 502 || answer.status === 504) {
      note(String(answer.status))
      throw new Error('The proxy got no answer')
    }
    answered += 1
    return answer
  }

  const placing = placeCalls({ next: () => noting, clients: placers })
  const read = async () => {
    while (reading) {
      const sentAt = performance.now()
      const answer = await noting('GET', '/api/calls?limit=5').catch(() => undefined)
      if (answer !== undefined && answer.status !== 200)
        lost.push({
          request: 'GET /api/calls',
          answer: `${answer.status} ${answer.body.code}`,
          sentAt,
        })
      await pause(rest)
    }
  }
  const allReading = Promise.all(Array.from({ length: readers }, read))
  return {
    /** Waits for so many answers more. */
    async more(count: number): Promise<void> {
      const before = answered
      await eventually(
        async () => answered,
        (now) => now >= before + count,
        60_000,
      )
    },
    /** Lets every request come to its end. */
    async stop() {
      reading = false
      await allReading
      return { ...(await placing.stop()), lost, answered }
    },
    /** Ends the clients though there may never be an answer. */
    async abandon(): Promise<void> {
      reading = false
      await Promise.all([allReading, placing.abandon()])
    },
  }
}
