/**
 * What a runtime answers before Caly is asked: held against docs/runtimes.md, whose tables say it.
 * Raw sockets, since no client library sends such requests.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
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
  'two lines `Host`': [get('/api', 'Host: other.example\r\n'), get('/api', 'Host: localhost\r\n')],
  'no HTTP, or a TLS handshake': [
    'garbage\r\n\r\n',
    Uint8Array.from({ length: 300 }, (_, index) => index * 37),
    Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3),
  ],
  'another version of HTTP, or none': ['2.0', '1.2', '3']
    .map((version) => `GET /api HTTP/${version}\r\n${fields}\r\n`)
    .concat('GET /api\r\n\r\n'),
  'lines that end without CR': [get('/api').replaceAll('\r\n', '\n')],
  'empty lines first': [`\r\n\r\n${get('/api')}`],
  'a method nobody knows': [`BREW /api HTTP/1.1\r\n${fields}\r\n`],
  'a method that is no token': [`G(T /api HTTP/1.1\r\n${fields}\r\n`],
  '`OPTIONS *`': [`OPTIONS * HTTP/1.1\r\n${fields}\r\n`],
  'a target without a slash': [get('api'), get('*')],
  'a target with another host': [get('http://evil.example/api')],
  'a space or control character in the target': [get('/a pi'), get('/a\0pi'), get('/a\x01pi')],
  '`..` in the path (`/api/../metrics`)': [get('/api/../metrics')],
  'a header that is none': ['X-A : b', 'X-A: b\r\n c', 'XA', ': b'].map((line) =>
    get('/api', `${line}\r\n`),
  ),
  'a control character in a header': ['\0', '\x01', '\r'].map((character) =>
    get('/api', `X-A: a${character}b\r\n`),
  ),
  'a wrong or second `Content-Length`': [
    '-1',
    '+2',
    '0x2',
    '2, 2',
    '',
    '2\r\nContent-Length: 3',
  ].map((length) => logIn(`Content-Length: ${length}\r\n`, '{}')),
  'a length and chunks': [logIn(`Content-Length: 2\r\n${chunked}`, '2\r\n{}\r\n0\r\n\r\n')],
  'an unknown transfer coding': [logIn('Transfer-Encoding: xchunked\r\n', '2\r\n{}\r\n0\r\n\r\n')],
  'a chunk that is none': ['zz\r\n{}\r\n', '-2\r\n{}\r\n', '2\r\n{}xx'].map((chunk) =>
    logIn(chunked, `${chunk}0\r\n\r\n`),
  ),
  'a target above 16 KiB': [get(`/${long(17_000)}`), get(`/${long(65_000)}`)],
  'a target above 64 KiB': [get(`/${long(66_000)}`)],
  'headers above 16 KiB': [get('/api', `X-A: ${long(17_000)}\r\n`)],
  'headers above 64 KiB': [get('/api', `X-A: ${long(66_000)}\r\n`)],
  'more than 128 headers': [get('/api', many(127)), get('/api', many(196))],
  'more than 198 headers': [get('/api', many(197))],
}

describe('a request that a runtime may answer by itself', () => {
  for (const [what, all] of Object.entries(requests))
    test(`is answered as documented: ${what}`, async () => {
      const answers = await Promise.all(all.map((bytes) => sendRaw(caly.port, bytes)))
      for (const answer of answers) expect(outcomeOf(answer)).toBe(told.get(what) ?? 'not told')
    })

  test('is in the document where it is tested, and tested where it is in the document', () => {
    expect([...told.keys()].sort()).toEqual(Object.keys(requests).sort())
  })

  test('leaves the service as it was', async () => {
    expect(outcomeOf(await sendRaw(caly.port, get('/health/ready')))).toBe('Caly 200')
    expect(caly.output()).not.toMatch(/"level":"(error|fatal)"/)
  })
})

test('HTTP/2 is spoken on Deno alone', async () => {
  expect(await statusOverHttp2()).toBe(testedRuntime === 'deno' ? 200 : undefined)
})

test('a client that does not end its headers is cut within 15 seconds, on Bun alone', async () => {
  const slow = ['', 'GET /ap', get('/api').slice(0, -2)]
  const cut = await Promise.all(slow.map((bytes) => sendRaw(caly.port, bytes, 15_000)))
  expect(cut).toEqual(slow.map(() => (testedRuntime === 'bun' ? '' : undefined)))
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
  const [, table = ''] = text.split('| -------- |\n')
  const rows = [...table.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
  return new Map(
    rows.map(([, what = '', bun = '', deno = '']) => [what, runtime === 'bun' ? bun : deno]),
  )
}

/** The status of `GET /api` over HTTP/2 without TLS; undefined where it is not spoken. */
function statusOverHttp2(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const session = connectHttp2(caly.baseUrl)
    session.on('error', () => resolve(undefined))
    const request = session.request({ ':path': '/api' })
    request.on('error', () => resolve(undefined))
    request.on('response', (headers) => {
      resolve(headers[':status'])
      session.close()
    })
  })
}
