/** Where a request ends: lengths, chunks, what two servers in a row would read differently. */
import { canary, type Hostile } from './hostile.ts'
import { chunked, fields, framed, get, wrongLogin } from './requests.ts'

const size = wrongLogin.length
const good = `${size.toString(16)}\r\n${wrongLogin}\r\n0\r\n\r\n`
const length = (text: string) => `Content-Length: ${text}\r\n`
const smuggled = `GET /${canary} HTTP/1.1\r\nHost: localhost\r\n\r\n`

const wrongLengths = [
  '-1',
  '+5',
  '0x5',
  '5, 5',
  '5 5',
  '5;5',
  '1e1',
  '',
  '5\r\nContent-Length: 6',
  '9'.repeat(30),
]
const codings = [
  'xchunked',
  'identity',
  'gzip',
  'gzip, chunked',
  'chunked, gzip',
  'chunked, chunked',
  'chunked\r\nTransfer-Encoding: chunked',
  'chunked\r\nTransfer-Encoding: identity',
  '"chunked"',
  '\x0bchunked',
  'chunked;q=1',
]
const brokenChunks = [
  ['no number', 'zz\r\n'],
  ['a negative size', '-2\r\n{}\r\n0\r\n\r\n'],
  ['a size in C', '0x2\r\n{}\r\n0\r\n\r\n'],
  ['a size with a sign', '+2\r\n{}\r\n0\r\n\r\n'],
  ['a size of 17 digits', 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
  ['more than it says', '2\r\n{}xx\r\n0\r\n\r\n'],
  ['an empty size', '\r\n{}\r\n0\r\n\r\n'],
] as const

/** Ends of requests. */
export const framing: readonly Hostile[] = [
  ...wrongLengths.map((text) => ({
    what: `the length ${JSON.stringify(text)}`,
    bytes: framed(length(text), wrongLogin),
    is: { row: 'a wrong or second `Content-Length`' },
  })),
  {
    what: 'the same length twice',
    bytes: framed(length(String(size)) + length(String(size)), wrongLogin),
    is: { row: 'the same `Content-Length` twice' },
  },
  {
    what: 'a length before chunks',
    bytes: framed(length('5') + chunked, `0\r\n\r\n${smuggled}`),
    is: { row: 'a length and chunks' },
  },
  {
    what: 'chunks before a length',
    bytes: framed(chunked + length('5'), `0\r\n\r\n${smuggled}`),
    is: { row: 'a length and chunks' },
  },
  ...codings.map((coding) => ({
    what: `the transfer coding ${JSON.stringify(coding)}`,
    bytes: framed(`Transfer-Encoding: ${coding}\r\n`, good),
    is: { row: 'another transfer coding than `chunked`, once' },
  })),
  {
    what: 'a transfer coding before a colon with a space',
    bytes: framed('Transfer-Encoding : chunked\r\n', good),
    is: { row: 'a header that is none' },
  },
  {
    what: 'chunks in HTTP/1.0',
    bytes: framed(chunked, good).replace('HTTP/1.1', 'HTTP/1.0'),
    is: { row: 'another transfer coding than `chunked`, once' },
  },
  { what: 'CHUNKED', bytes: framed('Transfer-Encoding: CHUNKED\r\n', good), is: 'Caly 401' },
  {
    what: 'chunks after a tab',
    bytes: framed('Transfer-Encoding:\tchunked\r\n', good),
    is: 'Caly 401',
  },
  ...brokenChunks.map(([what, rest]) => ({
    what: `a chunk with ${what}`,
    bytes: framed(chunked, rest),
    is: { row: 'a chunk that is none' },
  })),
  {
    what: 'a chunk with an extension',
    bytes: framed(chunked, good.replace('\r\n', `;${canary}=1\r\n`)),
    is: 'Caly 401',
  },
  {
    what: 'a trailer that names another host',
    bytes: framed(
      chunked,
      good.replace(/\r\n$/, `Host: evil.example\r\nAuthorization: ${canary}\r\n\r\n`),
    ),
    is: { bun: '400', deno: 'Caly 401' },
  },
  { what: 'a length for a GET', bytes: `${get('/nothing', length('4'))}abcd`, is: 'Caly 404' },
  { what: 'chunks for a GET', bytes: get('/nothing', chunked) + good, is: 'Caly 404' },
  {
    what: 'a second request inside the body of the first',
    bytes: `GET /nothing HTTP/1.1\r\nHost: localhost\r\n${length(String(smuggled.length))}\r\n${smuggled}${get('/nothing')}`,
    is: 'Caly 404, Caly 404',
  },
  {
    what: 'ten requests at once',
    bytes: `GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(9) + get('/nothing'),
    is: Array(10).fill('Caly 404').join(', '),
  },
  {
    what: 'a good request, then garbage',
    bytes: `GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n${canary}\r\n\r\n`,
    // Node takes a connection to be lost where anything on it is.
    is: { bun: 'Caly 404, 400', deno: '400' },
  },
  {
    what: 'Expect: 100-continue',
    bytes: framed(`Expect: 100-continue\r\n${length(String(size))}`, wrongLogin),
    is: '100, Caly 401',
  },
  { what: 'another expectation', bytes: get('/nothing', `Expect: ${canary}\r\n`), is: 'Caly 404' },
  {
    what: 'an upgrade to WebSocket',
    bytes: get(
      '/nothing',
      'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ),
    is: 'Caly 404',
  },
  {
    what: 'an upgrade to HTTP/2',
    bytes: get('/nothing', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
    is: 'Caly 404',
  },
  {
    what: 'a length above the limit, and no body',
    bytes: framed(length('1048577'), ''),
    is: 'Caly 413',
  },
  {
    what: 'a length of many petabytes',
    bytes: framed(length('9007199254740991'), ''),
    is: { row: 'a `Content-Length` above a terabyte' },
  },
  {
    what: 'chunks above the limit',
    bytes: framed(chunked, `${'10000\r\n'.concat('a'.repeat(65_536), '\r\n').repeat(17)}0\r\n\r\n`),
    is: 'Caly 413',
  },
  {
    what: 'a body for a path that is not there',
    bytes: `POST /${canary} HTTP/1.1\r\n${fields}${length('4')}\r\nabcd`,
    is: 'Caly 404',
  },
]
