/** What redaction takes out, what it leaves alone, and what it costs. */
import { describe, expect, test } from 'bun:test'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { redact, redactText } from '../../src/redaction/index.ts'
import { byForm, chance, secretNames } from './plants.ts'

const shown = (value: unknown): string => JSON.stringify(redact(value)) ?? ''

describe('redact() takes out', () => {
  for (const name of secretNames)
    test(`whatever stands under ${name}, text, number, list or object`, () => {
      for (const secret of ['hunter2', 482913, ['hunter2'], { a: 'hunter2' }])
        expect(redact({ [name]: secret })).toEqual({ [name]: '[redacted]' })
    })

  const random = chance(4711)
  for (const make of byForm) {
    const { kind, value, canary } = make(random)
    test(`a secret by its form: ${kind}`, () => {
      expect(shown({ note: `we saw ${value} today` })).not.toContain(canary)
      expect(shown(new Error(`refused ${value}`))).not.toContain(canary)
    })
  }

  for (const spelled of [
    '+91–98765–43210',
    '+91 - 98765 - 43210',
    '+91/98765/43210',
    '9 8 7 6 5 4 3 2 1 0',
    '98765_43210',
    'tel%3A%2B919876543210',
    'ada%2540example.com',
    'ada&#64;example.com',
  ])
    test(`a person's number or address, spelled ${spelled}`, () => {
      expect(shown(`reach me at ${spelled} please`)).toMatch(/at \S*\[redacted:\w+\] please/)
    })

  const canary = 'c4nary-9f3'
  const hiding: Record<string, unknown> = {
    'a Map': new Map([['password', canary]]),
    'Headers, in whatever case': new Headers({ 'X-API-KEY': canary, COOKIE: `a=${canary}` }),
    URLSearchParams: new URLSearchParams({ token: canary }),
    'a URL': new URL(`https://u:${canary}@x.example/?sig=${canary}`),
    'an error, its causes and its siblings': new Error(`password=${canary}`, {
      cause: new AggregateError([new Error(`token: ${canary}`), { secret: canary }], 'two'),
    }),
    'fields that a driver hangs on its errors': Object.assign(new Error('no'), { args: [canary] }),
    'a list of names and values': [{ name: 'authorization', value: canary }],
    'headers as pairs': [['Authorization', canary]],
    'headers in a row': ['Host', 'x', 'Authorization', canary, 'Accept', '*/*'],
    'JSON in JSON in a text': `x ${JSON.stringify({ a: JSON.stringify({ password: canary }) })} y`,
    'a text object': Object('password=c4nary-9f3'),
    'a header block': `GET / HTTP/1.1\r\nCookie: a=1; sid=${canary}\r\nAccept: */*`,
    'a command line': `psql --password ${canary} -h x`,
    'a form': `user=x&password=${canary}&otp=1`,
    'a sentence': `your OTP is ${canary}`,
    'a passphrase of several words': `passphrase: correct horse ${canary}`,
    'names as keys': { [`caly_refresh_${canary}`]: 1 },
  }
  for (const [where, value] of Object.entries(hiding))
    test(`a secret in ${where}`, () => expect(shown(value)).not.toContain(canary))

  test('a secret at every depth from 1 to 12, and leaves out what lies too deep', () => {
    let value: unknown = { password: canary, ok: 'fine' }
    for (let depth = 1; depth <= 12; depth++) {
      expect(shown(value)).not.toContain(canary)
      expect(shown(value)).toContain('fine')
      value = depth % 2 === 0 ? [value] : { inner: value }
    }
    for (let depth = 0; depth < 10_000; depth++) value = { value }
    expect(shown(value)).toContain('[too deep]')
  })

  test('the parameters of a query, and keeps its text', () => {
    const error = new DrizzleQueryError('select $1', [canary], new Error('it broke'))
    expect(shown(error)).not.toContain(canary)
    expect(redact(error)).toMatchObject({
      message: 'Failed query: select $1',
      cause: { message: 'it broke' },
    })
  })

  test('values that are known to be secret, wherever they stand', () => {
    expect(redact(`x${canary}x`, { secrets: [canary] })).toBe('x[redacted]x')
  })

  for (const scheme of ['Bearer', 'basic', 'Token'])
    test(`a secret behind its name and the scheme ${scheme}`, () =>
      expect(redactText(`token=${scheme} hunterhunter, status=404`, 256)).toBe(
        'token=[redacted], status=404',
      ))

  test('a secret across the edge of what is kept of a text', () => {
    const text = `${'x '.repeat(4090)}caly_refresh_${'s'.repeat(43)} ${'y'.repeat(500)}`
    expect(shown(text)).not.toContain('caly_refresh_s')
  })

  test('bytes, and says how many', () => {
    expect(redact([Buffer.from('secret'), new Float64Array(2), new ArrayBuffer(3)])).toEqual([
      '[6 bytes]',
      '[16 bytes]',
      '[3 bytes]',
    ])
  })
})

describe('redact() leaves alone', () => {
  const harmless: unknown[] = [
    '0193f2f0-1234-7abc-8def-987654321098',
    '4111a111-1111-4111-8111-111111111111',
    '0af7651916cd43dd8448eb211c80319c',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '2026-09-21T10:11:12.123Z',
    '2026-09-21 10:11:12',
    1758448272123,
    '1758448272123',
    1758448272,
    '4111111111111112',
    4111111111111112,
    '1.4.30-rc.1',
    '@elysiajs/swagger 1.3.1, drizzle-orm@0.45.4',
    'took 1234567.891 ms, 30000 ms at most',
    '192.168.100.200',
    '98.165.122.45',
    '2001:db8:85a3::8a2e:370:7334',
    '[::1]:3000',
    '/api/webhooks/exotel/:secret',
    '/api/calls/:id/recording',
    'http://localhost:3000/docs?page=2#top',
    'select "id", "password_hash" from "users" where "token_hash" = $1 and "secret" = $2',
    'insert into "api_keys" ("id", "hash") values ($1, $2) returning "id"',
    'The token is not valid',
    'A password is required',
    'basic information about bearer tokens',
    'Unexpected token } in JSON at position 120',
    'at open (/work/src/auth/refresh-token.ts:12:5)',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.109 Safari/537.36',
    'caly_live_0123456789ABCDEFGHIJKL',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'x-request-id: order-4711, status: 404, limit=100',
    '5 < 6 and 7 > 6; a=b; "quoted"',
    { tokenType: 'Bearer', tokenCount: 3, hasPassword: true, passwordChangedAt: null },
    { keyId: 'k1', apiKeyId: '0193f2f0-1234-7abc-8def-987654321098', author: 'x', monkey: 1 },
    { shipping: 'x', spinner: 2, compass: 'n', bypass: 'x', footprint: 1, secretary: 'x' },
    { scopes: ['keys:write', 'ops:read'], fields: ['password', 'name'], auth: { limit: 10 } },
    { reason: 'wrong_password', from: 'queued', to: 'ringing', source: 'callback' },
  ]
  for (const value of harmless)
    test(JSON.stringify(value), () => expect(redact(value)).toEqual(value as never))

  test('what it has redacted before', () => {
    const once = redact({
      a: 'password=x and bob@mail.example.com',
      b: 'Bearer abc123',
      c: '+919876543210',
    })
    expect(redact(once)).toEqual(once)
  })
})

describe('redact() never throws on', () => {
  const circle: Record<string, unknown> = { name: 'circle' }
  circle['self'] = circle
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const throwing = new Proxy(
    {},
    {
      ownKeys() {
        throw new Error('password=hunter2')
      },
    },
  )
  const cases: [string, unknown, unknown][] = [
    ['a circle', circle, { name: 'circle', self: '[circular]' }],
    ['a revoked proxy', revoked.proxy, '[unreadable]'],
    ['a proxy that throws', throwing, '[unreadable]'],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('no')
        },
        b: 1,
      },
      { a: '[unreadable]', b: 1 },
    ],
    ['an invalid date', new Date(Number.NaN), '[invalid date]'],
    ['functions, symbols and big numbers', [() => 1, Symbol('s'), 10n], ['[function]', 's', '10']],
    ['promises', Promise.resolve(1), '[Promise]'],
    ['toJSON, which it does not call', { toJSON: () => 'hunter2' }, { toJSON: '[function]' }],
  ]
  for (const [what, value, expected] of cases)
    test(what, () => expect(redact(value)).toEqual(expected as never))

  test('a field that is called __proto__', () => {
    const value: unknown = JSON.parse('{"__proto__":{"password":"hunter2"}}')
    expect(shown(value)).toBe('{"__proto__":{"password":"[redacted]"}}')
  })
})

describe('redact() is bounded', () => {
  const million = (unit: string) => unit.repeat(Math.ceil(1_000_000 / unit.length))
  for (const unit of [
    ...['a', ' ', '"', '\\', '{', '[', '(', '@', '%40', '://', 'a://', 'a@', 'a.', 'a:', 'a='],
    ...['eyJ', 'eyJ.', '_eyJ', '1 ', '1-', '+1 ', '0', '98765 ', 'password=', 'password":"', 'is '],
    ...[
      'pin is a ',
      ' --a',
      'Bearer ',
      '/webhooks/a/',
      '-----BEGIN PRIVATE KEY-----',
      'caly_live_',
    ],
    ...['{"a":', '["', '\u2028', '\n', '%22', 'token%3A'],
  ])
    test(`to 50 ms for a megabyte of ${JSON.stringify(unit)}`, () => {
      const text = million(unit)
      redact(text)
      const start = performance.now()
      const result = redact(text)
      expect(performance.now() - start).toBeLessThan(50)
      expect(String(result).length).toBeLessThan(9000)
    })

  test('to lists of 100, 2000 values and 64 KiB in all', () => {
    const wide = Array.from({ length: 5000 }, (_, row) =>
      Array.from({ length: 500 }, () => `${row} ${'text '.repeat(20)}`),
    )
    const start = performance.now()
    const result = shown({ wide })
    expect(performance.now() - start).toBeLessThan(100)
    expect(result.length).toBeLessThan(120_000)
    expect(shown(Array.from({ length: 101 }, () => 1))).toContain('… 1 more')
  })

  test('to a time that grows no faster than the text, where much of it is kept', () => {
    const text = 'a:eyJ.b@1 98765 pin is x ://'.repeat(100_000 / 28)
    const time = (texts: readonly string[]) => {
      const start = performance.now()
      for (const each of texts) redact(each, { text: each.length, size: each.length * 2 })
      return performance.now() - start
    }
    // The same amount of work, which a busy machine slows down alike; of some tries, the best.
    const apart = Array.from({ length: 8 }, () => text)
    const tries = Array.from({ length: 7 }, () => [time(apart), time([text.repeat(8)])] as const)
    const small = Math.min(...tries.map(([eight]) => eight))
    const large = Math.min(...tries.map(([, one]) => one))
    expect(large / small).toBeLessThan(3)
  })
})
