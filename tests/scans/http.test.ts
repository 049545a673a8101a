/** The way out of a scan: what a network and other machines do to it, on real sockets. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { HttpOptions } from '../../src/scans/http/options.ts'
import { httpClient } from '../../src/scans/http.ts'
import { type Fault, faultName, type StandIn, startRegistry } from '../support/registry/index.ts'

let registry: StandIn
let elsewhere: StandIn

beforeAll(async () => {
  registry = await startRegistry({ packages: { left: { versions: { '1.0.0': {} } } } })
  elsewhere = await startRegistry({ packages: { left: { versions: { '6.6.6': {} } } } })
})
afterEach(() => {
  registry.mend()
  registry.requests.length = 0
})
afterAll(() => Promise.all([registry.close(), elsewhere.close()]))

/** Fast enough for a test, and no other way of working. */
const quick: HttpOptions = { timeout: 300, pause: 5, longestPause: 2000 }
const soon = () => AbortSignal.timeout(10_000)
const ask = (url = `${registry.url}/left`, options = quick, signal = soon()) =>
  httpClient(options).json(url, {}, signal)
const host = () => new URL(registry.url).host

test('An answer comes as it was sent, and says who asks', async () => {
  const answer = await ask()
  expect(answer).toMatchObject({ ok: true, value: { name: 'left' } })
  expect(registry.requests[0]?.headers['user-agent']).toMatch(/^caly\/\d/)
})

test('A body is sent as JSON by POST', async () => {
  const url = `${registry.url}/-/npm/v1/security/advisories/bulk`
  const answer = await httpClient(quick).json(url, { body: { left: ['1.0.0'] } }, soon())
  expect(answer).toEqual({ ok: true, value: {} })
  expect(registry.requests).toMatchObject([{ method: 'POST', body: '{"left":["1.0.0"]}' }])
})

const faults: readonly { fault: Fault; why: RegExp; asked: number }[] = [
  { fault: { kind: 'status', status: 410 }, why: /answered 410$/, asked: 1 },
  { fault: { kind: 'status', status: 404 }, why: /answered 404$/, asked: 1 },
  { fault: { kind: 'status', status: 503 }, why: /answered 503 \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'status', status: 429 }, why: /answered 429 \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'hang' }, why: /did not answer within 0\.3 s \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'stall' }, why: /did not answer within 0\.3 s \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'reset' }, why: /closed the connection \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'truncated' }, why: /closed the connection \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'bad-gzip' }, why: /answered with broken gzip \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'empty' }, why: /answered with what is no JSON \(asked 3 times\)$/, asked: 3 },
  { fault: { kind: 'html' }, why: /answered with a web page and no JSON$/, asked: 1 },
]
for (const { fault, why, asked } of faults) {
  test(`${faultName(fault)} is told in a sentence that names the host, after ${asked} requests`, async () => {
    registry.break(fault)
    const answer = await ask()
    expect(answer.ok).toBe(false)
    expect(answer.ok ? '' : answer.why).toMatch(why)
    expect(answer.ok ? '' : answer.why).toStartWith(host())
    expect(registry.requests.length).toBe(asked)
  })
}

for (const fault of [
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'reset' },
  { kind: 'truncated' },
  { kind: 'bad-gzip' },
] satisfies Fault[])
  test(`What passes is waited out: ${faultName(fault)} twice, then the answer`, async () => {
    registry.break(fault, { times: 2 })
    expect(await ask()).toMatchObject({ ok: true, value: { name: 'left' } })
    expect(registry.requests.length).toBe(3)
  })

test('Gzip without Content-Encoding is read as what it is', async () => {
  registry.break({ kind: 'bare-gzip' })
  expect(await ask()).toMatchObject({ ok: true, value: { name: 'left' } })
})

test('A Retry-After is waited for', async () => {
  registry.break({ kind: 'status', status: 429, retryAfter: '1' }, { times: 1 })
  const since = performance.now()
  expect(await ask()).toMatchObject({ ok: true })
  expect(performance.now() - since).toBeGreaterThanOrEqual(1000)
})

test('Who asks to wait longer than is waited is not asked again', async () => {
  registry.break({ kind: 'status', status: 429, retryAfter: '3600' })
  expect(await ask()).toEqual({ ok: false, status: 429, why: `${host()} answered 429` })
  expect(registry.requests.length).toBe(1)
})

test('A redirect to another host is not followed, and nobody there is asked', async () => {
  registry.break({ kind: 'redirect', to: `${elsewhere.url}/left` })
  expect(await ask()).toEqual({
    ok: false,
    status: 302,
    why: `${host()} redirects elsewhere, which is not followed`,
  })
  expect(elsewhere.requests).toEqual([])
})

test('A redirect within the host is followed, by GET; a POST only where its body may be sent again', async () => {
  registry.break({ kind: 'redirect', to: '/left' }, { times: 1 })
  expect(await ask()).toMatchObject({ ok: true })
  const bulk = `${registry.url}/-/npm/v1/security/advisories/bulk`
  const post = () => httpClient(quick).json(bulk, { body: {} }, soon())
  registry.break({ kind: 'redirect', to: bulk }, { times: 1 })
  expect(await post()).toMatchObject({ ok: false, status: 302 })
  registry.break({ kind: 'redirect', to: bulk, status: 307 }, { times: 1 })
  expect(await post()).toEqual({ ok: true, value: {} })
})

test('A circle of redirects ends', async () => {
  registry.break({ kind: 'redirect', to: '/left' })
  expect(await ask()).toMatchObject({ ok: false, status: 302 })
  expect(registry.requests.length).toBeLessThan(10)
})

test('An answer of more than the limit is not read, zipped or not', async () => {
  const bomb = gzipSync(`{"x":"${' '.repeat(5_000_000)}"}`)
  const server = await serve((_, response) => response.end(bomb))
  registry.break({ kind: 'huge', bytes: 200_000 })
  const why = 'answered with more than is read'
  const limited = (url: string) => httpClient(quick).json(url, { limit: 100_000 }, soon())
  expect(await limited(`${registry.url}/left`)).toMatchObject({
    ok: false,
    why: `${host()} ${why}`,
  })
  expect(await limited(server.url)).toMatchObject({ ok: false, why: `${server.host} ${why}` })
  server.close()
})

test('The end of the scan ends every wait: for an answer, between attempts, in the queue', async () => {
  registry.break({ kind: 'hang' })
  const slow: HttpOptions = { timeout: 60_000, pause: 60_000, longestPause: 60_000, concurrency: 1 }
  const client = httpClient(slow)
  const signal = AbortSignal.timeout(200)
  const since = performance.now()
  const answers = await Promise.all(
    [1, 2, 3].map(() => client.json(`${registry.url}/left`, {}, signal)),
  )
  expect(answers.map((answer) => (answer.ok ? '' : answer.why))).toEqual([
    `${host()} had not answered in time`,
    `${host()} could not be asked in time`,
    `${host()} could not be asked in time`,
  ])
  registry.break({ kind: 'status', status: 503 })
  expect(await ask(undefined, slow, AbortSignal.timeout(200))).toMatchObject({
    ok: false,
    why: `${host()} had not answered in time`,
  })
  expect(performance.now() - since).toBeLessThan(3000)
})

test('No more requests are under way at one time than the bound allows', async () => {
  const counted = await startRegistry({ packages: { left: { versions: { '1.0.0': {} } } } })
  counted.break({ kind: 'slow', milliseconds: 20 })
  const client = httpClient({ ...quick, concurrency: 4 })
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => client.json(`${counted.url}/left`, {}, soon())),
  )
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(counted.busiest).toBe(4)
  await counted.close()
})

test('A host that fails three times in a row is left alone for the rest of the scan', async () => {
  registry.break({ kind: 'hang' })
  const client = httpClient({ ...quick, timeout: 50, attempts: 1 })
  for (let nth = 0; nth < 3; nth++) await client.json(`${registry.url}/left`, {}, soon())
  expect(await client.json(`${registry.url}/left`, {}, soon())).toMatchObject({
    ok: false,
    why: `${host()} failed too often and was not asked again`,
  })
  expect(registry.requests.length).toBe(3)
})

test('A thousand requests to a host that hangs cost the time of a few', async () => {
  registry.break({ kind: 'hang' })
  const client = httpClient({ ...quick, timeout: 100, attempts: 2 })
  const since = performance.now()
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => client.json(`${registry.url}/left`, {}, soon())),
  )
  expect(answers.some(({ ok }) => ok)).toBe(false)
  expect(registry.requests.length).toBeLessThan(40)
  expect(performance.now() - since).toBeLessThan(3000)
})

test('Requests that wait behind a host’s first failures are not repeated in vain', async () => {
  registry.break({ kind: 'hang' })
  const client = httpClient({ ...quick, timeout: 200, attempts: 3, concurrency: 12 })
  const asking = Array.from({ length: 14 }, () => client.json(`${registry.url}/left`, {}, soon()))
  await Promise.all(asking)
  // Three each of the twelve that go first, and one of those that go when the first of these give up.
  expect(registry.requests.length).toBeLessThanOrEqual(12 * 3 + 2)
})

test('User and password of an address are sent as authorization and told nobody', async () => {
  const secret = new URL(`${registry.url}/left`)
  secret.username = 'caly'
  secret.password = 'p%40ss'
  await ask(secret.href)
  const expected = `Basic ${Buffer.from('caly:p@ss').toString('base64')}`
  expect(registry.requests[0]?.headers['authorization']).toBe(expected)
  expect(registry.requests[0]?.path).toBe('/left')
  registry.break({ kind: 'reset' })
  const answer = await ask(secret.href)
  expect(JSON.stringify(answer)).not.toMatch(/p%40ss|p@ss|caly:/)
})

test('A host that is not there, and what is no address, are told and not thrown', async () => {
  const gone = await serve(() => undefined)
  gone.close()
  expect(await ask(gone.url)).toMatchObject({
    ok: false,
    status: undefined,
    why: `${gone.host} refused the connection (asked 3 times)`,
  })
  for (const url of ['file:///etc/passwd', 'not an address'])
    expect(await ask(url)).toEqual({
      ok: false,
      status: undefined,
      why: 'An address is no HTTP URL',
    })
})

async function serve(listener: Parameters<typeof createServer>[1]) {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
