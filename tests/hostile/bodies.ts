/** Bodies: broken JSON, JSON that means harm, other types and encodings. Sent to the login. */
import { gzipSync } from 'node:zlib'
import { canary, type Hostile } from './hostile.ts'
import { json, post, wrongLogin } from './requests.ts'

/** What does not parse: 400. */
const malformed: readonly (readonly [string, string | Uint8Array])[] = [
  ['half an object', `{"email":"${canary}`],
  ['a bare word', canary],
  ['single quotes', `{'email':'${canary}'}`],
  ['a comma too many', `{"email":"${canary}",}`],
  ['a comment', `{/*${canary}*/}`],
  ['two values', `{}{"email":"${canary}"}`],
  ['NaN', '{"email":NaN}'],
  ['Infinity', '{"email":Infinity}'],
  ['a hexadecimal number', '{"email":0x10}'],
  ['a number with a leading zero', '{"email":01}'],
  ['undefined', '{"email":undefined}'],
  ['a lone surrogate escape cut off', '{"email":"\\ud8'],
  ['a bad escape', '{"email":"\\x41"}'],
  ['a raw line break in a text', '{"email":"a\nb"}'],
  ['a raw NUL in a text', '{"email":"a\0b"}'],
  ['white space only', '   '],
  ['NUL only', '\0'],
  ['an invalid byte', Uint8Array.of(0x22, 0xff, 0x22)],
  ['overlong UTF-8', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
  ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['half a character', Uint8Array.of(0x22, 0xe2, 0x82, 0x22)],
  ['UTF-16', Buffer.from(wrongLogin, 'utf16le')],
  ['a key twice', `{"email":"a@example.com","email":"b@example.com","password":"${canary}"}`],
  ['a key twice, once escaped', `{"email":"a@example.com","\\u0065mail":"b@example.com"}`],
  ['a key twice, deep inside', '{"a":{"b":1,"b":2}}'],
  ['XML', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`],
  ['a form', `email=a&password=${canary}`],
]

/** What parses, and is refused: 422. */
const invalid: readonly (readonly [string, string])[] = [
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '4711'],
  ['a text', `"${canary}"`],
  ['an array', '[]'],
  ['an array of logins', `[${wrongLogin}]`],
  ['an empty object', '{}'],
  ['numbers for texts', '{"email":1,"password":2}'],
  ['objects for texts', `{"email":{"$ne":null},"password":{"$gt":"${canary}"}}`],
  ['arrays for texts', `{"email":["a@example.com"],"password":["${canary}"]}`],
  ['an unknown field', `{"email":"a@example.com","password":"${canary}","admin":true}`],
  [
    'an unknown field with a telling name',
    `{"email":"a@example.com","password":"x","${canary}":1}`,
  ],
  ['__proto__', `{"email":"a@example.com","password":"${canary}","__proto__":{"admin":true}}`],
  ['__proto__, escaped', `{"email":"a@example.com","password":"x","__pr\\u006fto__":{}}`],
  ['constructor', `{"email":"a@example.com","password":"x","constructor":{"prototype":{}}}`],
  ['prototype, deep inside', '{"email":{"a":[{"prototype":1}]},"password":"x"}'],
  // Too deep comes first: nobody reads on to see that they are not closed.
  ['200 brackets left open', '['.repeat(200)],
  ['100,000 brackets', '['.repeat(100_000)],
  ['100,000 objects', '{"a":'.repeat(100_000)],
  ['50 levels', `${'['.repeat(50)}${']'.repeat(50)}`],
  ['10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['10,000 levels of objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['100,000 fields', `{${Array.from({ length: 100_000 }, (_, index) => `"${index}":1`).join()}}`],
  ['300,000 items', `[${'1,'.repeat(300_000)}1]`],
  ['a number beyond the safe range', '{"email":9007199254740993,"password":"x"}'],
  ['a number of 1000 digits', `{"email":${'9'.repeat(1000)},"password":"x"}`],
  ['1e999', '{"email":1e999,"password":"x"}'],
  ['NUL, escaped', '{"email":"a\\u0000@example.com","password":"x"}'],
  [
    'an e-mail of 100,000 characters',
    `{"email":"${'a'.repeat(100_000)}@example.com","password":"x"}`,
  ],
  [
    'an e-mail that would begin a header',
    '{"email":"a@example.com\\r\\nBcc: b@example.com","password":"x"}',
  ],
  ['a password of a megabyte', `{"email":"a@example.com","password":"${'p'.repeat(1_000_000)}"}`],
]

const types: readonly (readonly [string, string])[] = [
  ['no type', ''],
  ['plain text', 'Content-Type: text/plain\r\n'],
  ['a form', 'Content-Type: application/x-www-form-urlencoded\r\n'],
  ['a multipart form', 'Content-Type: multipart/form-data; boundary=x\r\n'],
  ['XML', 'Content-Type: application/xml\r\n'],
  ['a type that begins like JSON', 'Content-Type: application/jsonp\r\n'],
  ['JSON and another', 'Content-Type: application/json, text/plain\r\n'],
  ['no type at all', `Content-Type: ${canary}\r\n`],
  ['another character set', 'Content-Type: application/json; charset=utf-16\r\n'],
  ['a type twice', 'Content-Type: application/json\r\nContent-Type: text/plain\r\n'],
]

const ofType = (type: string, body: string) =>
  post('/api/auth/login', `${type}Content-Length: ${body.length}\r\n`, body)

/** Bodies of requests. */
export const bodies: readonly Hostile[] = [
  ...malformed.map(([what, body]) => ({
    what: `a body of ${what}`,
    bytes: json(body),
    is: 'Caly 400',
  })),
  ...invalid.map(([what, body]) => ({
    what: `a body of ${what}`,
    bytes: json(body),
    is: 'Caly 422',
  })),
  ...types.map(([what, type]) => ({
    what: `a body with ${what}`,
    bytes: ofType(type, wrongLogin),
    is: 'Caly 415',
  })),
  ...['gzip', 'deflate', 'br', canary, 'gzip, gzip', 'identity, gzip'].map((encoding) => ({
    what: `a body in the encoding ${encoding}`,
    bytes: json(gzipSync(wrongLogin), `Content-Encoding: ${encoding}\r\n`),
    is: 'Caly 415',
  })),
  {
    what: 'a body that unpacks to 100 MB',
    bytes: json(gzipSync(Buffer.alloc(100_000_000)), 'Content-Encoding: gzip\r\n'),
    is: 'Caly 415',
  },
  { what: 'a body of no bytes', bytes: json(''), is: 'Caly 422' },
  {
    what: 'a webhook with a guessed secret',
    bytes: json('{}', '', `/api/webhooks/exotel/${canary}`),
    is: 'Caly 404',
  },
  {
    what: 'a call by a stranger',
    bytes: json(`{"from":"${canary}"}`, '', '/api/calls'),
    is: 'Caly 401',
  },
]
