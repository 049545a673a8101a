/**
 * What telemetry holds on to while clients do their worst, shown from outside: 1,000 requests that
 * are aborted in flight, then hostile ones over the socket, against the whole service.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { sample } from '../telemetry/support.ts'

let sink: OtlpSink
let caly: Caly

beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_TRACES_SAMPLER: 'always_on',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      LOG_LEVEL: 'error',
      RATE_LIMIT_GLOBAL: 'off',
      RATE_LIMIT_AUTH: 'off',
    },
  })
}, 120_000)
afterAll(async () => {
  await caly.stop()
  await sink.close()
}, 60_000)

const figures = async () => String((await clientOf(caly)('GET', '/metrics')).body)

const activePosts = async () =>
  sample(await figures(), 'http_server_active_requests', { http_request_method: 'POST' }) ?? 0

const memory = async () => Number(sample(await figures(), 'process_memory_usage_bytes'))

async function open(): Promise<Socket> {
  const socket = connect(caly.port, '127.0.0.1')
  socket.on('error', () => undefined).resume()
  await once(socket, 'connect')
  return socket
}

/** A login whose body does not come: in flight for as long as its client likes. */
const begun = (traceId: string) =>
  `POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nTraceparent: 00-${traceId}-b7ad6b7169203331-01\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email":`

/** Begins so many requests, and leaves them when the service has all of them in flight. */
async function abort(count: number): Promise<readonly string[]> {
  const sockets = await Promise.all(Array.from({ length: count }, open))
  const traceIds = sockets.map(() => randomBytes(16).toString('hex'))
  for (const [index, socket] of sockets.entries()) socket.write(begun(traceIds[index] ?? ''))
  await eventually(activePosts, (active) => active === count)
  for (const [index, socket] of sockets.entries())
    if (index % 2 === 0) socket.destroy()
    else socket.resetAndDestroy()
  await eventually(activePosts, (active) => active === 0)
  return traceIds
}

/** Both runtimes take some 60 MB before they clean up; the tests in-process show each request go. */
const memoryMargin = 96 * 2 ** 20

/** How many spans there are of each of these traces. */
function spansOf(traceIds: readonly string[], spans: readonly DecodedSpan[]) {
  const counts = new Map(traceIds.map((id) => [id, 0]))
  for (const { traceId } of spans) {
    const count = counts.get(traceId)
    if (count !== undefined) counts.set(traceId, count + 1)
  }
  return counts
}

const isIndex = ({ name }: DecodedSpan) => name === 'GET /api'

test('1,000 requests aborted in flight leave no open span, no memory, and no mark on the next thousand', async () => {
  const aborted = [...(await abort(200))]
  const before = await memory()
  while (aborted.length < 1000) aborted.push(...(await abort(200)))
  for (let n = 0; n < 1000; n += 20)
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { status } = await clientOf(caly)('GET', '/api')
        expect(status).toBe(200)
      }),
    )
  const spans = await sink.waitFor(
    (all) =>
      all.filter(isIndex).length >= 1000 &&
      [...spansOf(aborted, all).values()].every((count) => count > 0),
    20_000,
  )
  expect(await memory()).toBeLessThan(before + memoryMargin)
  expect([...new Set(spansOf(aborted, spans).values())]).toEqual([1])
  const left = new Set(aborted)
  for (const { traceId, attributes, status } of spans) {
    if (!left.has(traceId)) continue
    expect(attributes['caly.request.aborted']).toBe(true)
    expect(attributes).not.toHaveProperty('http.response.status_code')
    expect(status.code).toBe('STATUS_CODE_UNSET')
  }
  const next = spans.filter(isIndex)
  expect(next).toHaveLength(1000)
  expect(new Set(next.map(({ traceId }) => traceId)).size).toBe(1000)
  for (const { traceId, parentSpanId, attributes } of next) {
    expect(left.has(traceId)).toBe(false)
    expect(parentSpanId).toBe('')
    expect(attributes).not.toHaveProperty('caly.request.aborted')
    expect(attributes['http.response.status_code']).toBe(200)
  }
}, 120_000)

test('a request whose body cannot be read counts for its route, in the span as in the metric', async () => {
  const traceId = randomBytes(16).toString('hex')
  const { status } = await clientOf(caly)('POST', '/api/auth/login', '{"email":', {
    'content-type': 'application/json',
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  })
  expect(status).toBe(400)
  const spans = await sink.waitFor((all) => all.some((span) => span.traceId === traceId))
  expect(spans.find((span) => span.traceId === traceId)).toMatchObject({
    name: 'POST /api/auth/login',
    attributes: { 'http.route': '/api/auth/login', 'http.response.status_code': 400 },
  })
  expect(
    sample(await figures(), 'http_server_request_duration_seconds_count', {
      http_route: '/api/auth/login',
      http_response_status_code: '400',
    }),
  ).toBe(1)
})

const noise = () => `hostile${randomBytes(6).toString('hex')}`

/** A request that makes up all that a client can make up. */
function hostile(method: string, connection: 'close' | 'keep-alive'): string {
  const path = Math.random() < 0.5 ? `/${noise()}?${noise()}` : `/api/calls/${noise()}`
  const fields = {
    Host: `${noise()}.example`,
    Connection: connection,
    'User-Agent': noise(),
    'X-Request-Id': noise(),
    'Idempotency-Key': noise(),
    Authorization: `Bearer ${noise()}`,
    Traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    Tracestate: `${noise()}=${noise()}`,
    Baggage: `${noise()}=${noise()}`,
  }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`
}

const pipelined = 20

/** Sends so many requests, a few at a time over each connection. */
async function attack(requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 10 * pipelined)
    await Promise.all(
      Array.from({ length: 10 }, () => {
        const others = Array.from({ length: pipelined - 1 }, () => hostile('GET', 'keep-alive'))
        return sendRaw(caly.port, others.join('') + hostile('GET', 'close'))
      }),
    )
}

const seriesIn = (body: string) => body.split('\n').filter((line) => /^http_server_/.test(line))

const requestsIn = (body: string) =>
  seriesIn(body)
    .filter((line) => line.startsWith('http_server_request_duration_seconds_count'))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)

test('2,000 hostile requests over the socket add no series and no word of theirs, and a scrape stays below 200 ms', async () => {
  const odd = ['PROPFIND', 'M-SEARCH', noise().toUpperCase(), noise().toUpperCase()]
  await attack(200)
  for (const method of odd) await sendRaw(caly.port, hostile(method, 'close'))
  const before = await figures()
  await attack(2000)
  for (const method of odd) await sendRaw(caly.port, hostile(method, 'close'))
  const after = await figures()
  const times: number[] = []
  for (let scrape = 0; scrape < 3; scrape++) {
    const startedAt = performance.now()
    await figures()
    times.push(performance.now() - startedAt)
  }
  expect(requestsIn(after) - requestsIn(before)).toBeGreaterThanOrEqual(2000)
  expect(seriesIn(after)).toHaveLength(seriesIn(before).length)
  expect(after).not.toMatch(/hostile/i)
  expect(Math.min(...times)).toBeLessThan(200)
}, 120_000)
