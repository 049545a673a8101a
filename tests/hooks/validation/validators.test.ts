import { describe, expect, test } from 'bun:test'
import { type Type, type } from 'arktype'
import {
  dateOrDateTime,
  dateTime,
  email,
  encodeCursor,
  httpUrl,
  integer,
  integerText,
  jsonObject,
  oneOf,
  pageCursor,
  phoneNumber,
  phoneNumberIn,
  safeText,
  uuid,
} from '../../../src/hooks/validation/index.ts'
import { faultsOf, outcome } from './support.ts'

interface Case {
  readonly rule: Type<unknown>
  readonly code: string
  /** What is taken as it is. */
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
  /** What comes out otherwise than it came in. */
  readonly changed?: readonly (readonly [unknown, unknown])[]
}

const labels = (length: number) => Array.from({ length }, () => 'a').join('.')
/** Marks that NFC leaves as they are, on most letters. */
const marks = (count: number, mark = '\u0316') => mark.repeat(count)
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) })

const cases: Readonly<Record<string, Case>> = {
  'an e-mail address': {
    rule: email,
    code: 'email',
    good: [
      'ada@example.com',
      'Ada.Lovelace+calls@Mail.Example.co.uk',
      "o'neil_{1}@xn--bcher-kva.example",
      `${'a'.repeat(64)}@${labels(90)}.com`,
      'a@b.co',
    ],
    changed: [
      [' ada@example.com', 'ada@example.com'],
      ['ada@example.com\u00A0\n', 'ada@example.com'],
    ],
    bad: [
      '',
      'ada',
      '@host.example',
      'zoe@',
      'ada@localhost',
      'ada@home@example.com',
      'ada lovelace@example.com',
      '.ada@example.com',
      'ada.@example.com',
      'a..b@example.com',
      'ada@-example.com',
      'ada@example-.com',
      'ada@example..com',
      'ada@example.com.',
      'ada@127.0.0.1',
      'ada@[127.0.0.1]',
      '"ada"@example.com',
      'ada@exämple.com',
      'ada@example.com\nBcc: x@example.com',
      'a\0da@example.com',
      `${'a'.repeat(65)}@example.com`,
      `ada@${'a'.repeat(64)}.com`,
      `ada@${labels(126)}.com`,
      7,
      null,
    ],
  },
  'a telephone number': {
    rule: phoneNumber,
    code: 'phone',
    good: ['+919876543210', '+14155550132', '+442079460958', '+4930901820', '+6561234567'],
    bad: [
      '',
      '919876543210',
      '09876543210',
      '+0919876543210',
      '+9999999999',
      '+91987654321',
      '+9198765432101',
      '+911',
      '+1 415 555 0132',
      '+14155550132;ext=9',
      '+14155550132 ',
      '+１４１５５５５０１３２',
      `+${'9'.repeat(5000)}`,
      919876543210,
    ],
  },
  'a telephone number as people of a region write it': {
    rule: phoneNumberIn('IN'),
    code: 'phone',
    good: ['+919876543210', '+14155550132'],
    changed: [
      ['09876543210', '+919876543210'],
      ['98765 43210', '+919876543210'],
      ['+91 98765-43210', '+919876543210'],
      ['(022) 2278 1234', '+912222781234'],
      ['+1 (415) 555-0132', '+14155550132'],
    ],
    bad: [
      '12345',
      '0000000000',
      'call me',
      '9876543210 ext. 5',
      '+9999999999',
      '٩٨٧٦٥٤٣٢١٠',
      9876543210,
    ],
  },
  'a UUID': {
    rule: uuid,
    code: 'uuid',
    good: ['01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00', '01931F6E-4C2B-7C3A-9D10-5A2B7C9E1F00'],
    bad: [
      '',
      '01931f6e4c2b7c3a9d105a2b7c9e1f00',
      '{01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00}',
      '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f0g',
      '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f000',
      '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00\n',
      1,
    ],
  },
  'a time': {
    rule: dateTime,
    code: 'date_time',
    good: [
      '2026-01-31T09:30:00.000Z',
      '2026-01-31T09:30:00+05:30',
      '2026-01-31T09:30Z',
      '2024-02-29T23:59:59.123456789-11:00',
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
    ],
    changed: [
      ['2026-01-31t09:30:00z', '2026-01-31T09:30:00Z'],
      ['2026-01-31t09:30:00.5+05:30', '2026-01-31T09:30:00.5+05:30'],
    ],
    bad: [
      '',
      '2026-03-07',
      '2026-03-07T09:30:00',
      '2026-03-07 09:30:00Z',
      '2026-02-29T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-00-10T00:00:00Z',
      '2026-01-31T24:00:00Z',
      '2026-01-31T23:59:60Z',
      '2026-01-31T09:30:00+24:00',
      '0000-12-31T00:00:00Z',
      '0001-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
      '+012026-01-31T00:00:00Z',
      '20260131T093000Z',
      'yesterday',
      `2026-01-31T09:30:00.${'0'.repeat(100_000)}Z`,
      1_769_850_600_000,
    ],
  },
  'a time or a day': {
    rule: dateOrDateTime,
    code: 'date_time',
    good: ['2026-01-31', '2024-02-29', '2026-01-31T09:30:00Z'],
    changed: [['2026-01-31t09:30:00z', '2026-01-31T09:30:00Z']],
    bad: ['2026-02-29', '2026-1-31', '2026-01', '2026-W05', '31.01.2026', '2026-01-31Z'],
  },
  'an http(s) URL': {
    rule: httpUrl,
    code: 'url',
    good: ['https://example.com/', 'http://example.com:8080/a?b=c%20d', 'https://[::1]/'],
    changed: [
      ['HTTPS://Example.COM:443/a/../b', 'https://example.com/b'],
      ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
      ['http://0x7f.1/', 'http://127.0.0.1/'],
    ],
    bad: [
      '',
      '/path',
      '//example.com/',
      'example.com',
      'ftp://example.com/',
      'javascript:alert(1)',
      'file:///etc/passwd',
      'http:example.com',
      'http:///example.com',
      'http:\\\\example.com',
      'https://user@example.com/',
      'https://user:secret@example.com/',
      'https://:@example.com/',
      'https://example.com/#top',
      'https://example.com/#',
      'https://exa mple.com/',
      ' https://example.com/',
      'https://example.com/\n',
      'https://exam\tple.com/',
      'https://example.com:99999/',
      'https://',
      `https://example.com/${'a'.repeat(2048)}`,
      1,
    ],
  },
  'a listed word': {
    rule: oneOf('inbound', 'outbound'),
    code: 'choice',
    good: ['inbound', 'outbound'],
    bad: ['', 'Inbound', 'inbound ', 'in', 1, null, ['inbound'], 'constructor', '__proto__'],
  },
  'a whole number': {
    rule: integer(-5, 100),
    code: 'integer',
    good: [-5, 0, 7, 100],
    bad: [-6, 101, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '7', null, true],
  },
  'a whole number in a text': {
    rule: integerText(-5, 100),
    code: 'integer',
    good: [],
    changed: [
      ['-5', -5],
      ['0', 0],
      ['100', 100],
    ],
    bad: [
      '',
      '-6',
      '101',
      '1.0',
      '1e1',
      '0x7',
      '007',
      '+7',
      ' 7',
      '7\n',
      '-0',
      '٧',
      7,
      '9'.repeat(1000),
    ],
  },
  'a cursor': {
    rule: pageCursor,
    code: 'cursor',
    good: [encodeCursor({ id: 7 })],
    bad: ['', 'a b', 'a+b/c=', 'a'.repeat(1025), 'a\n', 7],
  },
  'a text': {
    rule: safeText({ min: 1, max: 5 }),
    code: 'text',
    good: ['Ada', 'क्\u200Dष', '👩\u200D💻', '🔑🔑🔑🔑🔑'],
    changed: [
      [' Ada\u00A0', 'Ada'],
      ['Zoe\u0308', 'Zo\u00eb'],
      ['e\u0308'.repeat(5), 'ë'.repeat(5)],
    ],
    bad: [
      '',
      '   ',
      'abcdef',
      '🔑'.repeat(6),
      'a\0b',
      'a\nb',
      'a\tb',
      'Ada\n',
      'a\u001b[1m',
      'a\u0085b',
      'a\u007fb',
      'a\u202Eb',
      'a\u2066b',
      'a\u200Fb',
      'a\u061Cb',
      'a\u2028b',
      'a\u200Bb',
      '\uFEFFAda',
      'a\uD83D',
      'a'.repeat(1_000_000),
      7,
      null,
    ],
  },
  'a text of several lines': {
    rule: safeText({ max: 10, lines: true }),
    code: 'text',
    good: ['', 'a\nb', 'a\tb', 'a\n\nb'],
    changed: [['a\r\nb\rc\n', 'a\nb\nc']],
    bad: ['a\0b', 'a\u000bb', 'a\u202Eb', 'a\u2028b', 'a'.repeat(11)],
  },
  'a text with marks on its letters': {
    rule: safeText({ max: 100 }),
    code: 'marks',
    good: [`a${marks(30)}`, `${`a${marks(15)}b`.repeat(2)}`, 'กี่', 'क्षि'],
    changed: [[`e\u0308${marks(29)}`, `ë${marks(29)}`]],
    bad: [`a${marks(31)}`, marks(31), `a${marks(15, '\u0301')}${marks(16, '\u0316')}`],
  },
  'a text of several lines, or none, with as many marks as may be sent': {
    rule: safeText({ max: 10_000, lines: true }).or('null'),
    code: 'marks',
    good: [null, ''],
    bad: [`a${marks(30_000, '\u0301')}${marks(30_000, '\u0316')}`],
  },
  'an object of the client': {
    rule: jsonObject({ depth: 3, entries: 5, size: 20 }),
    code: 'object',
    good: [
      {},
      { a: 1, b: null, c: true, d: 'x' },
      nested(3),
      { a: [1, 2, 3, 4] },
      { a: 'x'.repeat(19) },
    ],
    bad: [
      nested(4),
      { a: [[[]]] },
      { a: [1, 2, 3, 4, 5] },
      { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 },
      { a: 'x'.repeat(20) },
      { ['a'.repeat(21)]: 1 },
      JSON.parse('{"__proto__": 1}'),
      { a: { constructor: 1 } },
      { prototype: 1 },
      { a: 'x\0' },
      { 'a\0': 1 },
      { a: Number.POSITIVE_INFINITY },
      { a: undefined },
      { a: () => 1 },
      [],
      'text',
      null,
    ],
  },
}

describe.each(Object.entries(cases))('%s', (_, { rule, code, good, bad, changed = [] }) => {
  test.each(good.map((value) => [value]))('%j is taken as it is', (value) => {
    expect(outcome(rule, value)).toEqual(value)
  })

  test.each(changed.map((pair) => [...pair] as [unknown, unknown]))(
    '%j comes out as %j',
    (value, expected) => {
      expect(outcome(rule, value)).toBe(expected)
    },
  )

  bad.forEach((value, index) => {
    test(`refusal ${index + 1} says what would be right, and not what was sent`, () => {
      const faults = faultsOf(type({ field: rule }), { field: value })
      expect(faults).toMatchObject([{ path: 'body.field', code }])
      expect(faults[0]?.message).toStartWith('must be ')
      if (typeof value === 'string' && value.trim().length > 3)
        expect(faults[0]?.message).not.toContain(value)
    })
  })
})

test.each([
  ['integer', () => integer(2, 1)],
  ['integerText', () => integerText(0.5, 1)],
  ['safeText', () => safeText({ min: 2, max: 1 })],
  ['jsonObject', () => jsonObject({ depth: 0 })],
])('%s() refuses bounds that are none, at start', (_, make) => {
  expect(make).toThrow(RangeError)
})
