/**
 * What clients send who mean harm, or are broken: raw bytes over sockets of their own. Each request
 * has one answer, which tells nothing, and the service goes on as if nothing had been.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { adminOf, clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type Caly, startCaly } from '../support/process.ts'
import { securityHeaderNames } from '../support/security-headers.ts'
import { bodies } from './bodies.ts'
import { framing } from './framing.ts'
import { headerFields } from './header-fields.ts'
import {
  answersIn,
  canary,
  documentedOutcomes,
  expectedOutcome,
  type Hostile,
  type Outcome,
  outcomeOf,
} from './hostile.ts'
import { hostRequests } from './hosts.ts'
import { targets } from './targets.ts'

let caly: Caly
let told: ReadonlyMap<string, Outcome>

beforeAll(async () => {
  const off = { RATE_LIMIT_GLOBAL: 'off', RATE_LIMIT_AUTH: 'off' }
  ;[caly, told] = await Promise.all([startCaly({ env: off }), documentedOutcomes()])
}, 90_000)
afterAll(async () => {
  expect(await caly.stop()).toBe(0)
}, 30_000)

/** Milliseconds; an answer takes a few. */
const patience = 10_000

const themes: Readonly<Record<string, readonly Hostile[]>> = {
  'a request line': targets,
  'a host, or a claim about the client': hostRequests,
  'the end of a request': framing,
  'a header': headerFields,
  'a body': bodies,
}

const bytesOf = ({ bytes }: Hostile): Uint8Array =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes

/** Sends a share of the bytes and resets the connection. */
const leaveAfter = (bytes: Uint8Array, share: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(caly.port, '127.0.0.1', () => {
      const sent = bytes.subarray(0, Math.floor(bytes.byteLength * share))
      socket.write(sent, () => socket.resetAndDestroy())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
  })

for (const [theme, requests] of Object.entries(themes))
  describe(theme, () => {
    for (const request of requests)
      test(`has one answer, which tells nothing: ${request.what}`, async () => {
        const text = await sendRaw(caly.port, bytesOf(request), patience)
        expect(outcomeOf(text)).toBe(expectedOutcome(request, told))
        expect(text).not.toContain(canary)
        for (const answer of answersIn(text ?? '').filter(({ own }) => own)) {
          for (const name of securityHeaderNames) expect(answer.headers.get(name)).toBeTruthy()
          expect(answer.headers.get('content-type')).toBe('application/problem+json')
          expect(answer.headers.get('x-request-id')).toMatch(/^[\w.-]{8,128}$/)
          expect(answer.headers.has('server')).toBe(false)
        }
      })
  })

test('a client may leave in the middle of whatever it sends', async () => {
  const all = Object.values(themes).flatMap((requests) => requests.map(bytesOf))
  for (const share of [0.3, 0.6, 0.9, 1])
    for (let first = 0; first < all.length; first += 50)
      await Promise.all(all.slice(first, first + 50).map((bytes) => leaveAfter(bytes, share)))
}, 30_000)

describe('afterwards', () => {
  test('the service answers as ever', async () => {
    const { status, body } = await clientOf(caly)('GET', '/api')
    expect([status, body.name]).toEqual([200, 'Caly'])
    expect((await (await adminOf(caly))('GET', '/api/calls')).status).toBe(200)
  })

  test('the log has no failure, and nothing of what was sent', () => {
    expect(caly.output()).not.toMatch(/"level":"(error|fatal)"/)
    expect(caly.output()).not.toContain(canary)
  })

  test('there were more than 150 requests', () => {
    expect(Object.values(themes).flat().length).toBeGreaterThan(150)
  })
})
