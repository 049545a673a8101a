import { afterAll, beforeAll, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { trace } from '@opentelemetry/api'
import { HttpFailure, readText, send } from '../../../src/calls/exotel/http.ts'
import { httpClientTelemetry } from '../../../telemetry/index.ts'
import { eventually } from '../../support/process.ts'
import { telemetryWith } from '../../telemetry/support.ts'

/** What the server does with a request that it has read. */
type Mood =
  | 'answers'
  | 'ends'
  | 'resets'
  | 'breaks off'
  | 'is silent'
  | 'sends too much'
  | 'drips'
  | 'switches protocols'
  | 'hints first'
  | 'hints and ends'

let mood: Mood = 'answers'
/** Requests that arrived whole. */
let arrived: string[] = []
const connections = new Set<Socket>()
let server: Server
let url: URL

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK'
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n'

function play(socket: Socket): void {
  connections.add(socket)
  socket.on('error', () => {})
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
    if (!text.endsWith('a=1')) return
    arrived.push(text)
    text = ''
    if (mood === 'answers') socket.write(answer)
    if (mood === 'ends') socket.end()
    if (mood === 'resets') socket.resetAndDestroy()
    if (mood === 'breaks off') socket.end(answer.replace(': 2', ': 20'))
    if (mood === 'sends too much') socket.end(`${answer.replace(': 2', ': 302')}${'x'.repeat(300)}`)
    if (mood === 'switches protocols') socket.write(switching)
    if (mood === 'hints first') socket.write(goOn + hints + answer)
    if (mood === 'hints and ends') socket.end(goOn)
    if (mood === 'drips') {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const drops = setInterval(() => socket.write('x'), 10)
      socket.once('close', () => clearInterval(drops))
    }
  })
}

const listening = (one: Server | tls.Server): Promise<number> =>
  new Promise((resolve) => {
    one.listen(0, '127.0.0.1', () => {
      const address = one.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })

beforeAll(async () => {
  server = createServer(play)
  url = new URL(`http://127.0.0.1:${await listening(server)}/path?secret=1`)
})
afterAll(() => {
  server.close()
  for (const socket of connections) socket.destroy()
})

const post = (to: URL = url, more: object = {}) =>
  send({
    method: 'POST',
    url: to,
    headers: { 'x-test': 'yes' },
    body: 'a=1',
    signal: new AbortController().signal,
    ...more,
  })

const failureOf = async (asked: Promise<unknown>): Promise<HttpFailure> => {
  const error = await asked.then(
    () => new Error('There was an answer'),
    (reason: unknown) => reason,
  )
  if (error instanceof HttpFailure) return error
  throw error
}

const limits = { limit: 100, timeout: 1000 }

test('a request tells the provider nothing of the trace that it belongs to', async () => {
  const telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  mood = 'answers'
  arrived = []
  const request = { method: 'POST', origin: new URL(url.origin), template: '/path' }
  await httpClientTelemetry(telemetry).measure(request, async (answered) => {
    const traceId = trace.getActiveSpan()?.spanContext().traceId
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    const got = await post()
    answered(got.status)
    await readText(got, limits)
    expect(arrived).toHaveLength(1)
    expect(arrived[0]).not.toContain(String(traceId))
    expect(arrived[0]).not.toMatch(/traceparent|tracestate|baggage/i)
  })
  await telemetry.shutdown(100)
})

test('a request gets the status and the text of its answer', async () => {
  mood = 'answers'
  const got = await post()
  expect(got.status).toBe(200)
  expect(got.header('content-length')).toBe('2')
  expect(await readText(got, limits)).toBe('OK')
  expect(arrived.at(-1)).toContain('x-test: yes')
  expect(arrived.at(-1)).toStartWith('POST /path?secret=1 ')
})

for (const bad of ['ends', 'resets'] as const) {
  test(`a server that ${bad} after a good answer gets the next request once, and it may have had an effect`, async () => {
    arrived = []
    mood = 'answers'
    await readText(await post(), limits)
    mood = bad
    const failure = await failureOf(post())
    expect(failure).toMatchObject({ kind: 'reset', opened: true })
    expect(arrived).toHaveLength(2)
  })
}

test('an answer that breaks off is no answer', async () => {
  mood = 'breaks off'
  const got = await post()
  expect(await failureOf(readText(got, limits))).toMatchObject({ kind: 'reset', opened: true })
})

test('an answer above the limit is not read on', async () => {
  mood = 'sends too much'
  const got = await post()
  expect(await failureOf(readText(got, limits))).toMatchObject({ kind: 'reset' })
})

test('an answer without a length that drips is not whole when its time is over', async () => {
  mood = 'drips'
  const got = await post()
  const failure = await failureOf(readText(got, { limit: 1000, timeout: 200 }))
  expect(failure).toMatchObject({ kind: 'timeout', opened: true })
})

test('an answer without a length is not whole where whoever asked breaks it off', async () => {
  mood = 'drips'
  const asked = new AbortController()
  const got = await post(url, { signal: asked.signal })
  const read = readText(got, { limit: 1000, timeout: 5000 })
  got.body.once('data', () => asked.abort())
  expect(await failureOf(read)).toMatchObject({ kind: 'reset', opened: true })
})

test('a server that switches to another protocol has given no answer, and is left', async () => {
  mood = 'switches protocols'
  expect(await failureOf(post())).toMatchObject({ kind: 'reset', opened: true })
  await eventually(
    async () => [...connections].every((socket) => socket.destroyed),
    (left) => left,
  )
})

test('what a server tells before its answer is none', async () => {
  mood = 'hints first'
  const got = await post()
  expect([got.status, await readText(got, limits)]).toEqual([200, 'OK'])
  mood = 'hints and ends'
  expect(await failureOf(post())).toMatchObject({ kind: 'reset', opened: true })
})

test('a server that is silent is left after the time for an answer', async () => {
  mood = 'is silent'
  const failure = await failureOf(post(url, { answerTimeout: 100 }))
  expect(failure).toMatchObject({ kind: 'timeout', opened: true })
})

test('whoever asks may break off', async () => {
  mood = 'is silent'
  const failure = await failureOf(post(url, { signal: AbortSignal.timeout(50) }))
  expect(failure).toMatchObject({ kind: 'aborted', opened: true })
})

test('nothing was sent where nobody listens, or the name is nobody’s', async () => {
  const closed = createServer()
  const port = await listening(closed)
  await new Promise((resolve) => closed.close(resolve))
  for (const nobody of [`http://127.0.0.1:${port}/`, 'http://nobody.invalid/'])
    expect(await failureOf(post(new URL(nobody)))).toMatchObject({
      kind: 'unreachable',
      opened: false,
    })
})

test('nothing was sent where TLS does not come about', async () => {
  arrived = []
  mood = 'answers'
  const secure = new URL(url.href.replace('http:', 'https:'))
  const failure = await failureOf(post(secure, { connectTimeout: 200 }))
  expect(failure).toMatchObject({ kind: 'timeout', opened: false })
  expect(arrived).toEqual([])
})

test('nothing is sent to a server whose certificate nobody vouches for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'caly-tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  execFileSync(
    'openssl',
    [...request, '-keyout', keyFile, '-out', certFile, '-subj', '/CN=localhost'],
    { stdio: 'ignore' },
  )
  let received = 0
  const [key, cert] = [await readFile(keyFile), await readFile(certFile)]
  const own = tls.createServer({ key, cert }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => {
      received += 1
    })
  })
  const port = await listening(own)
  const failure = await failureOf(post(new URL(`https://127.0.0.1:${port}/`)))
  expect(failure).toMatchObject({ kind: 'unreachable', opened: false })
  expect(received).toBe(0)
  own.close()
  await rm(folder, { recursive: true })
})

test('a failure does not repeat the address', async () => {
  mood = 'resets'
  expect((await failureOf(post())).message).not.toContain('secret')
})
