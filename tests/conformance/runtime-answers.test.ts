/**
 * What a runtime answers before Caly is asked: held against docs/runtimes.md, whose tables say it.
 * Raw sockets, since no client library sends such requests.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sendRaw } from '../support/http.ts'
import { type Caly, startCaly, testedRuntime } from '../support/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

let caly: Caly
/** By request: how the tested runtime answers it, as the document tells. */
let told: ReadonlyMap<string, string>

beforeAll(async () => {
  ;[caly, told] = await Promise.all([startCaly(), outcomesOf(testedRuntime)])
}, 90_000)
afterAll(async () => {
  await caly.stop()
}, 30_000)

/** The row that a test of its own shows: it takes as long. */
const slowHeaders = 'headers that do not end in 10 s'

const fields = 'Host: localhost\r\nConnection: close\r\n'
const get = (target: string, more = '') => `GET ${target} HTTP/1.1\r\n${fields}${more}\r\n`
const many = (count: number) => 'X-A: a\r\n'.repeat(count)
const long = (bytes: number) => 'a'.repeat(bytes)
const chunked = 'Transfer-Encoding: chunked\r\n'

const logIn = (more: string, body: string) =>
  `POST /api/auth/login HTTP/1.1\r\n${fields}Content-Type: application/json\r\n${more}\r\n${body}`

/** By the first cell of the document's row; all requests of one row are answered alike. */
const requests: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  'no `Host`': ['GET /api HTTP/1.1\r\nConnection: close\r\n\r\n'],
  'no `Host`, HTTP/1.0': ['GET /api HTTP/1.0\r\n\r\n'],
  'two lines `Host`': [get('/api', 'Host: other.example\r\n'), get('/api', 'Host: localhost\r\n')],
  'no HTTP, or a TLS handshake': [
    'garbage\r\n\r\n',
    Uint8Array.from({ length: 300 }, (_, index) => index * 37),
    Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3),
  ],
  'no version of HTTP': ['GET /api\r\n\r\n'],
  'another version of HTTP': ['2.0', '1.2', '3'].map(
    (version) => `GET /api HTTP/${version}\r\n${fields}\r\n`,
  ),
  'the beginning of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'lines that end without CR': [get('/api').replaceAll('\r\n', '\n')],
  'empty lines first': [`\r\n\r\n${get('/api')}`],
  'two spaces before the target': [get('/api').replace(' ', '  ')],
  'a method nobody knows': ['BREW', 'get', 'Get', 'A'.repeat(300)].map((method) =>
    get('/api').replace('GET', method),
  ),
  'a method that is no token': [`G(T /api HTTP/1.1\r\n${fields}\r\n`],
  'the target `*`': [`OPTIONS * HTTP/1.1\r\n${fields}\r\n`, get('*')],
  '`CONNECT` to a host': [`CONNECT localhost:80 HTTP/1.1\r\n${fields}\r\n`],
  '`CONNECT` to a path': [`CONNECT /api HTTP/1.1\r\n${fields}\r\n`],
  'a target without a slash': [get('api'), get('?a'), get('\\api')],
  'a target with another host or scheme': [
    get('http://evil.example/api'),
    get('https://localhost/api'),
    get('http://user:word@localhost/api'),
  ],
  'a space or control character in the target': [get('/a pi'), get('/a\0pi'), get('/a\x01pi')],
  'a target in Latin-1 (`/café`)': [Buffer.from(get('/caf\xe9'), 'latin1')],
  'a target in UTF-8 (`/café`)': [get('/café')],
  '`..` in the path (`/api/../metrics`)': [
    get('/api/../metrics'),
    get('/api/%2e%2e/metrics'),
    get('/api/.%2E/metrics'),
  ],
  '`.` in the path (`/./api`)': [get('/./api'), get('/%2e/api')],
  'a backslash in the path (`/health\\live`)': [get('/health\\live')],
  'a header that is none': ['X-A : b', 'X-A: b\r\n c', 'XA', ': b'].map((line) =>
    get('/api', `${line}\r\n`),
  ),
  'a control character in a header': ['\0', '\x01', '\r'].map((character) =>
    get('/api', `X-A: a${character}b\r\n`),
  ),
  'DEL in a header': [get('/api', 'X-A: a\x7fb\r\n')],
  'a wrong or second `Content-Length`': [
    '-1',
    '+2',
    '0x2',
    '2, 2',
    '',
    '2\r\nContent-Length: 3',
  ].map((length) => logIn(`Content-Length: ${length}\r\n`, '{}')),
  'the same `Content-Length` twice': [logIn('Content-Length: 2\r\nContent-Length: 2\r\n', '{}')],
  'a `Content-Length` above a terabyte': [logIn('Content-Length: 2000000000000\r\n', '{}')],
  'a length and chunks': [logIn(`Content-Length: 2\r\n${chunked}`, '2\r\n{}\r\n0\r\n\r\n')],
  'another transfer coding than `chunked`, once': [
    'xchunked',
    'identity',
    'gzip, chunked',
    'chunked, chunked',
    'chunked\r\nTransfer-Encoding: chunked',
    '"chunked"',
  ].map((coding) => logIn(`Transfer-Encoding: ${coding}\r\n`, '2\r\n{}\r\n0\r\n\r\n')),
  'a chunk that is none': ['zz\r\n{}\r\n', '-2\r\n{}\r\n', '2\r\n{}xx', '0x2\r\n{}\r\n'].map(
    (chunk) => logIn(chunked, `${chunk}0\r\n\r\n`),
  ),
  'target and headers above 16 KiB': [
    get(`/${long(17_000)}`),
    get(`/${long(66_000)}`),
    get('/api', `X-A: ${long(17_000)}\r\n`),
    get('/api', `X-A: ${long(66_000)}\r\n`),
  ],
  'more than 198 headers': [get('/api', many(197)), get('/api', many(1500))],
}

describe('a request that a runtime may answer by itself', () => {
  for (const [what, all] of Object.entries(requests))
    test(`is answered as documented: ${what}`, async () => {
      const answers = await Promise.all(all.map((bytes) => sendRaw(caly.port, bytes)))
      for (const answer of answers) expect(outcomeOf(answer)).toBe(told.get(what) ?? 'not told')
    })

  test('is in the document where it is tested, and tested where it is in the document', () => {
    const tested = [...Object.keys(requests), slowHeaders, 'request']
    expect([...told.keys()].filter((row) => !/^-+$/.test(row)).sort()).toEqual(tested.sort())
  })

  test('leaves the service as it was', async () => {
    expect(outcomeOf(await sendRaw(caly.port, get('/health/ready')))).toBe('Caly 200')
    expect(caly.output()).not.toMatch(/"level":"(error|fatal)"/)
  })
})

test('198 headers of 16 KB together are served', async () => {
  const padding = long(75)
  const many = Array.from({ length: 196 }, () => `X-A: ${padding}\r\n`).join('')
  expect(outcomeOf(await sendRaw(caly.port, get('/api', many)))).toBe('Caly 200')
})

test('a client that does not end its headers is cut within 15 seconds, however it drips', async () => {
  const slow = ['', 'GET /ap', get('/api').slice(0, -2)]
  const dripped = dripping(`GET /api HTTP/1.1\r\nX-A: ${long(30)}`, 500)
  const cut = await Promise.all([
    ...slow.map((bytes) => sendRaw(caly.port, bytes, 15_000)),
    dripped,
  ])
  expect(cut.map(outcomeOf)).toEqual(cut.map(() => told.get(slowHeaders) ?? 'not told'))
}, 30_000)

test('a client that does not end its headers holds up no stop', async () => {
  const socket = connect(caly.port, '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.write(get('/api').slice(0, -2), resolve))
  const asked = performance.now()
  caly.child.kill('SIGTERM')
  expect(await caly.exited()).toBe(0)
  expect(performance.now() - asked).toBeLessThan(5000)
  await closed
}, 20_000)

/** An outcome in the words of the document. An answer of Caly's names its request. */
function outcomeOf(answer: string | undefined): string {
  if (answer === undefined) return 'left open'
  if (answer === '') return 'closed'
  const [status] = /(?<=^HTTP\/1\.1 )\d{3}/.exec(answer) ?? ['no HTTP']
  return /^x-request-id: /im.test(answer) ? `Caly ${status}` : status
}

/** Reads rows `| request | Bun | Deno |`. */
async function outcomesOf(runtime: 'bun' | 'deno'): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(root, 'docs/runtimes.md'), 'utf8')
  const [, table = ''] = text.split('## What a runtime answers by itself')
  const rows = [...table.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
  return new Map(
    rows.map(([, what = '', bun = '', deno = '']) => [what, runtime === 'bun' ? bun : deno]),
  )
}

/** Sends a byte at a time until the service closes the connection. */
function dripping(bytes: string, interval: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = ''
    let sent = 0
    const socket = connect(caly.port, '127.0.0.1')
    const timer = setInterval(() => {
      if (sent < bytes.length) socket.write(bytes[sent++] ?? '')
    }, interval)
    const limit = setTimeout(() => {
      resolve(undefined)
      socket.destroy()
    }, 15_000)
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(timer)
      clearTimeout(limit)
      resolve(answer)
    })
  })
}
