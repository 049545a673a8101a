/** More than can be done: a service of its own, with hanging requests, or a stalled process. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { answersIn } from './hostile.ts'

const maxInFlight = 20
const webhookSecret = 'a-webhook-secret-of-this-test'

let caly: Caly
let stranger: Client
beforeAll(async () => {
  caly = await startCaly({
    env: {
      MAX_IN_FLIGHT: String(maxInFlight),
      // Above what a machine that is busy with other tests brings about by itself.
      MAX_EVENT_LOOP_LAG: '1500',
      RATE_LIMIT_GLOBAL: 'off',
      RATE_LIMIT_AUTH: 'off',
      CALY_PROVIDER: 'simulator',
      EXOTEL_WEBHOOK_SECRET: webhookSecret,
    },
  })
  stranger = clientOf(caly)
}, 90_000)
afterAll(async () => {
  await caly.stop()
}, 30_000)

const body = JSON.stringify({ email: 'nobody@example.com' })
const head = `POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`

interface Hanging {
  /** Sends the body, at last; resolves with the status of the answer. */
  finish(): Promise<string | undefined>
}

/** A request whose body does not come. */
function hang(): Promise<Hanging> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket: Socket = connect(caly.port, '127.0.0.1', () => {
      socket.write(head, () =>
        resolve({
          finish() {
            socket.write(body)
            return closed
          },
        }),
      )
    })
    const closed = new Promise<string | undefined>((done) => {
      socket.on('close', () => done(answersIn(answer)[0]?.status))
    })
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', reject)
  })
}

/** How often the log says that it began, and that it was over. */
const logged = (reason: string) =>
  ['begins', 'ends'].map(
    (state) =>
      caly
        .output()
        .split('\n')
        .filter((line) => line.includes(`overload ${state}`) && line.includes(`"${reason}"`))
        .length,
  )

async function refusals(reason: string): Promise<number> {
  const { body } = await stranger('GET', '/metrics')
  const line = new RegExp(`^caly_overload_refusals_total\\{[^}]*"${reason}"[^}]*\\} (\\d+)`, 'm')
  return Number(line.exec(String(body))?.[1])
}

test('the request too many is answered 503 at once, probes, scrapers and the provider are served, and those let in are finished', async () => {
  const hanging = await Promise.all(Array.from({ length: maxInFlight }, hang))
  const refused = await eventually(
    async () => {
      // One that arrived beside the question before was the one too many itself.
      hanging.push(await hang())
      return await stranger('GET', '/api')
    },
    ({ status }) => status === 503,
  )
  expect(refused.body.code).toBe('OVERLOADED')
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(refused.headers.get('content-type')).toBe('application/problem+json')
  expect(refused.headers.get('x-frame-options')).toBe('DENY')
  expect(refused.headers.get('x-request-id')).toBe(refused.body.requestId)
  for (const path of ['/health/live', '/health/ready', '/health/detailed', '/metrics'])
    expect([path, (await stranger('GET', path)).status]).toEqual([path, 200])
  const news = await stranger('POST', `/api/webhooks/exotel/${webhookSecret}`, { CallSid: 'x' })
  expect(news.status).toBe(200)
  expect((await stranger('POST', '/api/webhooks/exotel/a-guess', {})).status).toBe(503)
  expect(await refusals('in_flight')).toBeGreaterThanOrEqual(2)

  const statuses = await Promise.all(hanging.map(({ finish }) => finish()))
  expect(statuses.filter((status) => status === '422')).toHaveLength(maxInFlight)
  expect(new Set(statuses)).toEqual(new Set(['422', '503']))
  expect((await stranger('GET', '/api')).status).toBe(200)
  await eventually(
    async () => logged('in_flight'),
    ([begun, ended]) => begun === 1 && ended === 1,
  )
  expect(caly.output()).not.toMatch(/"problem":"OVERLOADED"/)
}, 60_000)

test('a process that stalls under load refuses new work, and recovers by itself', async () => {
  const seen = new Set<number>()
  let asking = true
  const clients = Array.from({ length: 4 }, async () => {
    while (asking) {
      seen.add((await stranger('GET', '/api')).status)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  await eventually(async () => seen.has(200), Boolean)
  // A stall is seen where work was under way as it began: on a busy machine not always the first.
  for (let stalls = 0; stalls < 4 && !seen.has(503); stalls++) {
    caly.child.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 4000))
    caly.child.kill('SIGCONT')
    await eventually(async () => seen.has(503), Boolean, 2000).catch(() => false)
  }
  asking = false
  expect([...seen].sort()).toEqual([200, 503])
  expect((await stranger('GET', '/health/live')).status).toBe(200)
  await Promise.all(clients)
  await eventually(
    () => stranger('GET', '/api'),
    ({ status }) => status === 200,
  )
  expect(await refusals('event_loop_lag')).toBeGreaterThan(0)
  await eventually(
    async () => logged('event_loop_lag'),
    ([begun = 0, ended]) => begun > 0 && begun === ended,
  )
  expect((await (await adminOf(caly))('GET', '/api/auth/me')).status).toBe(200)
}, 60_000)
