import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { Elysia } from 'elysia'
import { bodyLimit, readBody } from '../../src/hooks/body-limit/index.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { type Server, serve } from '../../src/server.ts'

const limit = 1000
let server: Server

beforeAll(async () => {
  const app = new Elysia()
    .use(bodyLimit({ limit, raw: ['/raw'] }))
    .use(problemDetails())
    .post('/json', ({ body }) => ({ body }))
    .post('/raw', async ({ request }) => new Response(await readBody(request, limit)))
  server = await serve({
    fetch: (request) => app.fetch(request),
    host: '127.0.0.1',
    port: 0,
    maxBodySize: 1000 * limit,
    idleTimeout: 5000,
  })
})
afterAll(() => server.stop(1000))

/** What comes back for these bytes, over a socket of its own. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(request))
    let answer = ''
    socket.setTimeout(3000, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk
      if (/\r\n\r\n[\s\S]/.test(answer)) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
  fetch(new URL(path, server.url), { method: 'POST', body, headers: { 'content-type': type } })

const chunked = (path: string, chunks: readonly string[]) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks
    .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    .join('')}0\r\n\r\n`

describe('bodyLimit()', () => {
  test('lets a body of just the limit through', async () => {
    const response = await post('/json', JSON.stringify('x'.repeat(limit - 2)))
    expect(response.status).toBe(200)
  })

  test('answers 413 to a declared body above the limit, before it is sent', async () => {
    const head = `POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${limit + 1}\r\n\r\n{`
    expect(await raw(head)).toStartWith('HTTP/1.1 413')
  })

  test.each([
    ['once', [`${500 * limit}`], 413],
    ['twice', [`${500 * limit}`, `${500 * limit}`], 400],
    ['twice in one line', [`${500 * limit}, ${500 * limit}`], 400],
  ])('reads no more of a body than it may have, its length told %s', async (_, lengths, status) => {
    const lines = lengths.map((length) => `Content-Length: ${length}\r\n`).join('')
    const head = `POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines}\r\n`
    expect(await raw(head + ' '.repeat(500 * limit))).toStartWith(`HTTP/1.1 ${status}`)
  })

  test('answers 400 to a length that is no whole number', async () => {
    const app = new Elysia()
      .use(bodyLimit({ limit }))
      .use(problemDetails())
      .post('/', () => 'read')
    for (const length of ['2, 2', '-1', '+2', '0x2', '1e1', '2.0', '']) {
      const headers = { 'content-type': 'application/json', 'content-length': length }
      const request = new Request('http://localhost/', { method: 'POST', body: '{}', headers })
      const response = await app.handle(request)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ code: 'MALFORMED_REQUEST' })
    }
  })

  test('counts what comes, whatever length was told', async () => {
    for (const length of ['2', '2, 2']) {
      const headers = { 'content-length': length }
      const body = 'x'.repeat(limit + 1)
      const request = new Request('http://localhost/', { method: 'POST', body, headers })
      await expect(readBody(request, limit)).rejects.toMatchObject({ status: 413 })
    }
  })

  test('answers 413 to a chunked body above the limit', async () => {
    const answer = await raw(chunked('/json', Array(11).fill('x'.repeat(100))))
    expect(answer).toStartWith('HTTP/1.1 413')
    expect(answer.toLowerCase()).toContain('application/problem+json')
    expect(answer).toContain('PAYLOAD_TOO_LARGE')
  })

  test('reads a chunked body within the limit as one', async () => {
    expect(
      await raw(chunked('/json', ['{"a":', '"é'.normalize('NFD').slice(0, 2), '"}'])),
    ).toStartWith('HTTP/1.1 200')
  })

  test('answers 415 to a body that is not JSON', async () => {
    expect((await post('/json', 'a=b', 'application/x-www-form-urlencoded')).status).toBe(415)
    expect((await post('/json', '{}', 'text/plain')).status).toBe(415)
  })

  test('answers 400 to JSON that is no UTF-8', async () => {
    const response = await post('/json', new Uint8Array([0x22, 0xff, 0xfe, 0x22]))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'MALFORMED_BODY' })
  })

  test('hands the raw body to a route that wants it, byte for byte', async () => {
    const bytes = new Uint8Array([0, 255, 13, 10, 128, 1])
    const response = await post('/raw', bytes, 'application/octet-stream')
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
    expect((await post('/raw', 'x'.repeat(limit + 1))).status).toBe(413)
  })
})

test('a limit that is no number of bytes is refused at start', () => {
  expect(() => bodyLimit({ limit: 0 })).toThrow(RangeError)
})
