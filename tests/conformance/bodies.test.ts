/** What becomes of a body, on whichever runtime is under test. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type Caly, startCaly } from '../support/process.ts'

const webhookSecret = randomBytes(16).toString('hex')
let caly: Caly
let raw: Caly
let admin: Client

beforeAll(async () => {
  caly = await startCaly({
    env: {
      EXOTEL_WEBHOOK_SECRET: webhookSecret,
      CALY_PROVIDER: 'simulator',
      RATE_LIMIT_AUTH: 'off',
    },
  })
  raw = await startCaly({ script: 'tests/conformance/raw-bodies.ts' })
  admin = await adminOf(caly)
}, 120_000)
afterAll(async () => {
  await raw.stop()
  expect(await caly.stop()).toBe(0)
}, 30_000)

const call = { from: '+919876543210', to: '+919812345678' }
const json = JSON.stringify(call)

describe('the type of a body', () => {
  const place = (contentType: string) =>
    admin('POST', '/api/calls', json, { 'content-type': contentType })

  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; x=y',
  ])('may be %s', async (contentType) => {
    expect((await place(contentType)).status).toBe(202)
  })

  test.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/merge-patch+json',
    'application/problem+json',
    'application/jsonp',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json, text/plain',
    '*/*',
    ';',
  ])('%s is answered 415, which says what is taken', async (contentType) => {
    const { status, headers, body } = await place(contentType)
    expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    expect(headers.get('accept')).toBe('application/json')
  })

  test('must be told', async () => {
    const head = `POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`
    const answer = await sendRaw(caly.port, `${head}Content-Length: 2\r\n\r\n{}`)
    expect(answer).toStartWith('HTTP/1.1 415')
  })

  test('of no body at all does not matter', async () => {
    const { accessToken } = (await clientOf(caly)('POST', '/api/auth/login', caly.admin)).body
    const logout = clientOf(caly, accessToken)
    expect(
      (await logout('POST', '/api/auth/logout', '', { 'content-type': 'text/plain' })).status,
    ).toBe(204)
  })
})

describe('a compressed body', () => {
  const post = (path: string, body: Uint8Array<ArrayBuffer>, encoding: string) =>
    fetch(new URL(path, caly.baseUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body,
    })

  test.each(['gzip', 'br', 'deflate', 'gzip, identity', 'x-unknown', ''])(
    'in %p is answered 415, which asks for none, and is not opened',
    async (encoding) => {
      const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000, ' ')))
      const response = await post('/api/auth/login', bomb, encoding)
      expect(response.status).toBe(415)
      expect(await response.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
      expect(response.headers.get('accept-encoding')).toBe('identity')
    },
  )

  test('that says it is not is read', async () => {
    const { status } = await admin('POST', '/api/calls', json, { 'content-encoding': 'Identity' })
    expect(status).toBe(202)
  })

  test('at the webhook is taken as it is: the provider is answered 200 whatever comes', async () => {
    const bytes = new Uint8Array(gzipSync(JSON.stringify({ CallSid: 'x' })))
    expect((await post(`/api/webhooks/exotel/${webhookSecret}`, bytes, 'gzip')).status).toBe(200)
  })
})

describe('a body where none is meant', () => {
  const request = (method: string, path: string, body: string, framing: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${body}`
  const inner = 'GET /nothing-here HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const last = request('GET', '/health/live', '', 'Connection: close')
  const statuses = (answer: string | undefined) =>
    [...(answer ?? '').matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)

  test.each([
    ['declared', request('GET', '/api', inner, `Content-Length: ${inner.length}`)],
    [
      'chunked',
      request(
        'GET',
        '/api',
        `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
        'Transfer-Encoding: chunked',
      ),
    ],
  ])('in a GET is not read, %s, and never taken for the next request', async (_, first) => {
    const answers = statuses(await sendRaw(caly.port, first, undefined, last))
    expect(answers[0]).toBe('200')
    expect(answers).not.toContain('404')
  })

  test('in a DELETE is held to the rules of every body, and else ignored', async () => {
    const id = (await admin('POST', '/api/calls', call)).body.id
    const erase = (body: string, contentType = 'application/json') =>
      admin('DELETE', `/api/calls/${id}`, body, { 'content-type': contentType })
    expect((await erase('a=b', 'text/plain')).status).toBe(415)
    expect((await erase('{')).status).toBe(400)
    expect((await erase('{"constructor": 1}')).body.errors).toMatchObject([
      { path: 'body', code: 'forbidden_name' },
    ])
    expect((await erase('{"reason": "old"}')).status).toBe(204)
  })
})

describe('a raw body reaches its handler byte for byte', () => {
  const everyByte = Uint8Array.from({ length: 256 * 40 }, (_, index) => index + (index >> 8))
  const head = (framing: string) =>
    Buffer.from(
      `POST /raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-16\r\nContent-Encoding: gzip\r\n${framing}\r\n\r\n`,
    )
  const chunk = (bytes: Uint8Array) =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  const sizes = [1, 2, 3, 1000, 1, 4096, 5137]

  test('declared', async () => {
    const answer = await sendRaw(
      raw.port,
      Buffer.concat([head(`Content-Length: ${everyByte.length}`), everyByte]),
    )
    expect(answer?.split('\r\n\r\n')[1]).toContain(Buffer.from(everyByte).toString('hex'))
  })

  test('chunked, in pieces of any size', async () => {
    let from = 0
    const chunks = sizes.map((size) => {
      from += size
      return chunk(everyByte.subarray(from - size, from))
    })
    expect(from).toBe(everyByte.length)
    const answer = await sendRaw(
      raw.port,
      Buffer.concat([head('Transfer-Encoding: chunked'), ...chunks, Buffer.from('0\r\n\r\n')]),
    )
    expect(answer?.replaceAll(/\r\n[0-9a-f]{1,5}\r\n/g, '')).toContain(
      Buffer.from(everyByte).toString('hex'),
    )
  })
})

describe('what nothing behind can hold is 422, where it stands:', () => {
  test.each([
    [
      'U+0000 in a body',
      'POST',
      '/api/calls',
      { ...call, customField: 'a\0b' },
      'body.customField nul',
    ],
    ['U+0000 in notes', 'PATCH', '/api/calls/none', { notes: '\0' }, 'body.notes nul'],
    [
      'U+0000 in a name',
      'POST',
      '/api/keys',
      { name: 'a\0', scopes: ['calls:read'] },
      'body.name nul',
    ],
    [
      'half a character',
      'POST',
      '/api/calls',
      `{"from":"+919876543210","to":"+919812345678","customField":"\\ud800"}`,
      'body.customField half_character',
    ],
    ['U+0000 in a query', 'GET', '/api/calls?status=%00', undefined, 'query.status nul'],
    ['U+0000 in a cursor', 'GET', '/api/users?cursor=a%00', undefined, 'query.cursor nul'],
    ['an escape that is none', 'GET', '/api/keys?cursor=%ZZ', undefined, 'query.cursor encoding'],
    [
      'a number beyond 2^53',
      'POST',
      '/api/calls/search',
      '{"number":"+919812345678","limit":9007199254740993}',
      'body.limit unsafe_number',
    ],
    [
      'a name of every prototype',
      'POST',
      '/api/calls',
      '{"from":"+919876543210","to":"+919812345678","\\u005f_proto__":{}}',
      'body forbidden_name',
    ],
    [
      'the same in a query',
      'GET',
      '/api/calls?constructor[prototype]=1',
      undefined,
      'query forbidden_name',
    ],
    [
      'the same beside no query at all',
      'GET',
      '/api/auth/me?__proto__=1',
      undefined,
      'query forbidden_name',
    ],
    ['a hundred levels', 'POST', '/api/calls', '['.repeat(100), 'body too_deep'],
    [
      'ten thousand items',
      'POST',
      '/api/calls',
      JSON.stringify(Array(10_000).fill(0)),
      'body too_many',
    ],
  ] as const)('%s', async (_, method, path, body, expected) => {
    const answer = await admin(method, path, body)
    expect([answer.status, answer.body.code]).toEqual([422, 'VALIDATION_FAILED'])
    const found = answer.body.errors.map(
      ({ path, code }: Record<string, string>) => `${path} ${code}`,
    )
    expect(found).toContain(expected)
  })

  test('to a stranger it is 401 before', async () => {
    const { status } = await clientOf(caly)('POST', '/api/calls', { from: '\0' })
    expect(status).toBe(401)
  })
})

describe('a list where an object is meant', () => {
  test.each([
    ['PATCH', '/api/calls/none'],
    ['POST', '/api/auth/logout'],
    ['POST', '/api/auth/login'],
    ['POST', '/api/auth/password'],
    ['POST', '/api/users'],
    ['POST', '/api/keys'],
    ['POST', '/api/calls'],
    ['POST', '/api/calls/search'],
  ] as const)('is told so: %s %s', async (method, path) => {
    for (const list of ['[]', '["a"]', '["\\u0000"]']) {
      const { status, body } = await admin(method, path, list)
      expect(status).toBe(422)
      expect(body.errors[0]).toEqual({ path: 'body', code: 'type', message: 'must be an object' })
    }
  })
})

describe('what is written otherwise than most write it', () => {
  test('sixty thousand marks on one letter are refused', async () => {
    const notes = `a${'\u0301'.repeat(30_000)}${'\u0316'.repeat(30_000)}`
    const { status, body } = await admin('PATCH', '/api/calls/none', { notes })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.notes', code: 'marks' }])
  })

  test('an e-mail with space around it, or in capitals, is that of the account', async () => {
    const email = ` ${caly.admin.email.toUpperCase()} `
    const { status } = await clientOf(caly)('POST', '/api/auth/login', { ...caly.admin, email })
    expect(status).toBe(200)
  })

  test('a time with a small t and z is that time', async () => {
    const period = 'from=2026-01-31t09:30:00z&to=2026-02-01t00:00:00+05:30'.replace('+', '%2B')
    const { status, body } = await admin('GET', `/api/calls/stats?${period}`)
    expect(status).toBe(200)
    expect([body.from, body.to]).toEqual(['2026-01-31T09:30:00.000Z', '2026-01-31T18:30:00.000Z'])
    const key = { name: 'CRM', scopes: ['calls:read'], expiresAt: '2999-01-31t09:30:00z' }
    expect((await admin('POST', '/api/keys', key)).body.expiresAt).toBe('2999-01-31T09:30:00.000Z')
  })
})

describe('a new password that is guessed first', () => {
  test.each([
    ['password1234', 'zoe@example.com'],
    ['zoe-miller-1985', 'zoe.miller@example.com'],
  ])('is refused for a new user', async (password, email) => {
    const { status, body } = await admin('POST', '/api/users', {
      email,
      name: 'Zoe',
      role: 'operator',
      password,
    })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'body.password', code: 'password_common' }])
  })

  test("is refused for one's own", async () => {
    for (const newPassword of ['Passw0rd!Passw0rd!', 'admin2026!!!!']) {
      const body = { currentPassword: caly.admin.password, newPassword }
      const answer = await admin('POST', '/api/auth/password', body)
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'body.newPassword'])
    }
  })
})
