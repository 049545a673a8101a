/** Clients that take their time: each is cut, whatever it drips. A thousand of them: tests/faults. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { type Caly, startCaly } from '../support/process.ts'
import { outcomeOf } from './hostile.ts'

let caly: Caly
beforeAll(async () => {
  caly = await startCaly({ env: { REQUEST_TIMEOUT: '1s', RATE_LIMIT_GLOBAL: 'off' } })
}, 90_000)
afterAll(async () => {
  await caly.stop()
}, 30_000)

/** Milliseconds: REQUEST_TIMEOUT, 5 s, and how seldom the runtimes look. */
const limit = 14_000

interface Dripped {
  readonly outcome: string
  /** Milliseconds to the first byte of an answer; undefined where none came. */
  readonly answeredAfter: number | undefined
}

/** Sends a beginning, and then a little for ever, until the service closes the connection. */
function drip(beginning: string, little: string): Promise<Dripped> {
  return new Promise((resolve) => {
    let answer = ''
    let answeredAfter: number | undefined
    const startedAt = performance.now()
    const socket = connect(caly.port, '127.0.0.1', () => socket.write(beginning))
    const timer = setInterval(() => socket.write(little), 200)
    const end = (text: string | undefined) => {
      clearInterval(timer)
      clearTimeout(patience)
      socket.destroy()
      resolve({ outcome: outcomeOf(text), answeredAfter })
    }
    const patience = setTimeout(() => end(undefined), limit)
    socket.on('data', (chunk) => {
      answeredAfter ??= performance.now() - startedAt
      answer += chunk.toString('latin1')
    })
    // What is written into a connection that the service has closed.
    socket.on('error', () => undefined)
    socket.on('close', () => end(answer))
  })
}

const head = (more: string, target = '/api/auth/login') =>
  `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${more}\r\n`

describe('a body that does not end', () => {
  const bodies = [
    ['of a known length', head('Content-Length: 100000\r\n'), ' ', 'Caly 503'],
    ['in chunks', head('Transfer-Encoding: chunked\r\n'), '1\r\n \r\n', 'Caly 503'],
    ['for a path that is not there', head('Content-Length: 100000\r\n', '/no'), ' ', 'Caly 404'],
    ['above the limit', head('Content-Length: 100000000\r\n'), ' '.repeat(99), 'Caly 413'],
  ] as const
  for (const [what, beginning, little, outcome] of bodies)
    test.concurrent(
      `has an answer and an end, however it drips: ${what}`,
      async () => {
        const dripped = await drip(beginning, little)
        expect(dripped.outcome).toBe(outcome)
        expect(dripped.answeredAfter).toBeLessThan(4000)
      },
      limit + 1000,
    )
})

test.concurrent(
  'a connection that asks once and then nothing is closed',
  async () => {
    const { outcome } = await drip('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n', '')
    expect(outcome).toBe('Caly 404')
  },
  limit + 1000,
)
