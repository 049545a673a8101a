import { describe, expect, test } from 'bun:test'
import { MalformedBodyError } from '../../../src/errors.ts'
import { maxDepth, maxEntries, RefusedPart, readJson } from '../../../src/hooks/validation/index.ts'
import { scanJson } from '../../../src/hooks/validation/json/scan.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => readJson(encode(text))

/** What is refused in a text that parses: where, and by which rule. */
function refusals(text: string): string[] {
  const value = read(text)
  if (!(value instanceof RefusedPart)) return []
  return value.faults.map(({ at, code }) => [...at, code].join('.'))
}

describe('a body that is read', () => {
  test.each([
    '{"a":[1,2.5,-3e2,true,false,null,"x"],"b":{"c":{}},"d":[]}',
    ' \t\r\n[ ] ',
    '"text"',
    '-0',
    '9007199254740991',
    '-9007199254740991',
    '0.1234567890123456789012345',
    '1e-400',
    '["\\ud83d\\ude00","\\u0001","\\\\u0000","\\"","\\\\"]',
    '{"proto":1,"__proto":2,"Constructor":3,"__PROTO__":4}',
    '[{"a":1},{"a":2}]',
    '{"a":{"a":{"a":1}},"b":["a","a"]}',
    '{"":1}',
  ])('%s is what JSON.parse makes of it', (text) => {
    expect(read(text)).toEqual(JSON.parse(text))
  })

  test('may be as deep and as wide as the limits', () => {
    expect(refusals('['.repeat(maxDepth) + ']'.repeat(maxDepth))).toEqual([])
    expect(refusals(JSON.stringify(Array(maxEntries).fill(1)))).toEqual([])
    const fields = Array.from({ length: maxEntries }, (_, index) => [`f${index}`, index])
    expect(refusals(JSON.stringify(Object.fromEntries(fields)))).toEqual([])
  })
})

describe('a body that cannot be read is 400:', () => {
  test.each([
    ['nothing but space', ' '],
    ['half a body', '{"a":'],
    ['an open text', '"abc'],
    ['an open text that ends in an escape', '"abc\\'],
    ['a comma too many', '[1,]'],
    ['ends without beginnings', ']]'],
    ['two values', '{} {}'],
    ['a raw line break in a text', '"a\nb"'],
    ['a raw U+0000', '"a\0b"'],
    ['an escape that is none', '"\\x41"'],
    ['a short escape', '"\\u12"'],
    ['a zero in front', '01'],
    ['NaN', 'NaN'],
    ['a comment', '{} // x'],
    ['single quotes', "{'a':1}"],
    ['a key twice', '{"a":1,"a":1}'],
    ['a key twice, further down', '[{"b":{"a":1,"c":[{}],"a":2}}]'],
    ['a key twice, once with escapes', '{"to":1,"\\u0074o":2}'],
    ['a key twice, among many', `{${Array.from({ length: 40 }, (_, n) => `"k${n}":1`)},"k3":2}`],
    ['a key twice, after its object', '{"a":{"b":1},"b":2,"a":3}'],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow(MalformedBodyError)
  })

  test.each([
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an overlong U+0000', [0x22, 0xc0, 0x80, 0x22]],
    ['half of a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character that is cut off', [0x22, 0xe2, 0x82, 0x22]],
    ['what is beyond Unicode', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x22, 0, 0x22, 0]],
  ])('%s', (_, bytes) => {
    expect(() => readJson(Uint8Array.from(bytes))).toThrow('The body must be UTF-8')
  })
})

describe('what parses and must not be used is refused by its place:', () => {
  test.each<[string, string[]]>([
    ['{"__proto__":1}', ['forbidden_name']],
    [
      '{"a":[{"constructor":{"prototype":1}}]}',
      ['a.0.forbidden_name', 'a.0.constructor.forbidden_name'],
    ],
    ['{"\\u005f_proto__":1}', ['forbidden_name']],
    ['{"con\\u0073tructor":1}', ['forbidden_name']],
    ['{"a":"x\\u0000y","b":["\\u0000"]}', ['a.nul', 'b.0.nul']],
    ['"\\u0000"', ['nul']],
    ['{"a\\u0000":1}', ['nul']],
    ['["x",1,"\\ud800"]', ['2.half_character']],
    ['["\\udc00\\ud800"]', ['0.half_character']],
    ['["\\ud800\\u0041"]', ['0.half_character']],
    ['["\\ud800\\ud800\\udc00"]', ['0.half_character']],
    ['{"\\ud800":1}', ['half_character']],
    ['9007199254740992', ['unsafe_number']],
    ['{"a":-9007199254740993,"b":{"c":1e16}}', ['a.unsafe_number', 'b.c.unsafe_number']],
    ['[1e400,-1e400,1E309]', ['0.unsafe_number', '1.unsafe_number', '2.unsafe_number']],
    [`[[],${'1'.repeat(400)}]`, ['1.unsafe_number']],
    ['[[1,2],[3,"\\u0000"],"\\u0000"]', ['1.1.nul', '2.nul']],
    ['{"a":{"b":1},"c":"\\u0000"}', ['c.nul']],
  ])('%s', (text, expected) => {
    expect(refusals(text)).toEqual(expected)
  })

  test('a body that is too deep or too wide, for that alone and without being parsed', () => {
    const tooDeep = '{"a":"\\u0000","b":'.repeat(maxDepth + 1)
    expect(refusals(tooDeep)).toEqual(['too_deep'])
    expect(refusals('['.repeat(1_000_000))).toEqual(['too_deep'])
    for (const entry of ['1', '"x"', 'true', 'false', 'null', '{}', '[]'])
      expect(refusals(`["\\u0000"${`,${entry}`.repeat(maxEntries)}`)).toEqual(['too_many'])
    const fields = Array.from({ length: maxEntries + 1 }, (_, index) => `"f${index}":1`)
    expect(refusals(`{${fields}}`)).toEqual(['too_many'])
    expect(refusals(`[${'[1,1],'.repeat(maxEntries / 2)}`)).toEqual(['too_many'])
  })

  test('a hundred faults are listed, however many there are', () => {
    expect(refusals(JSON.stringify(Array(500).fill('\0')))).toHaveLength(100)
  })
})

/** Deterministic: a failure can be had again. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

test('of 5,000 random values none is refused, and each comes out as JSON.parse has it', () => {
  const roll = dice(1)
  const texts = ['', 'a', '"', '\\', '\\u0000', '{', '}', '[', ',', ':', 'é', '🔑', '\n', '1e999']
  const value = (depth: number): unknown => {
    const kind = roll(depth > 4 ? 4 : 6)
    if (kind === 0) return texts[roll(texts.length)]
    if (kind === 1) return [roll(1000), -roll(1000) / 8, roll(10) * 1e14][roll(3)]
    if (kind === 2) return [true, false, null][roll(3)]
    if (kind === 3) return `${texts[roll(texts.length)]}${texts[roll(texts.length)]}`
    if (kind === 4) return Array.from({ length: roll(4) }, () => value(depth + 1))
    return Object.fromEntries(
      Array.from({ length: roll(4) }, (_, index) => [
        `${texts[roll(texts.length)]}${index}`,
        value(depth + 1),
      ]),
    )
  }
  for (let round = 0; round < 5000; round += 1) {
    const text = JSON.stringify(value(0), undefined, roll(3))
    expect(read(text)).toEqual(JSON.parse(text))
  }
})

test('20,000 texts of random tokens are read, refused or malformed: nothing else happens', () => {
  const roll = dice(2)
  const tokens = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u',
    '\\u0000',
    'ud800',
    '1',
    '-',
    'e9',
    '.',
    't',
    'true',
    'null',
    '"a"',
    '"__proto__"',
    ' ',
    '\0',
  ]
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: roll(30) }, () => tokens[roll(tokens.length)]).join('')
    try {
      read(text)
    } catch (error) {
      if (!(error instanceof MalformedBodyError))
        throw new Error(`It broke at ${text}`, { cause: error })
    }
  }
})

test.each<[string, (size: number) => string]>([
  ['brackets', (size) => '['.repeat(size)],
  ['pairs of brackets', (size) => '[]'.repeat(size / 2)],
  ['quotes', (size) => '"'.repeat(size)],
  ['backslashes in an open text', (size) => `"${'\\'.repeat(size)}`],
  ['backslashes in a text', (size) => `"${'\\\\'.repeat(size / 2)}"`],
  ['escaped quotes', (size) => `"${'\\"'.repeat(size / 2)}"`],
  ['escapes', (size) => `"${'\\ud800'.repeat(size / 6)}"`],
  ['texts after a far backslash', (size) => `[${'"",'.repeat(900)}"${'x'.repeat(size)}\\n"]`],
  ['digits', (size) => '1'.repeat(size)],
  ['signs', (size) => '-'.repeat(size)],
  ['commas', (size) => `[${','.repeat(size)}`],
  ['space', (size) => ' '.repeat(size)],
  [
    'long keys',
    (size) => `{${Array.from({ length: 999 }, (_, n) => `"${'k'.repeat(size / 1000)}${n}":1`)}}`,
  ],
])('a scan of %s takes steps in proportion to the text, not to its square', (_, make) => {
  const steps = (size: number) => stepsOf(make(size))
  expect(steps(40_000)).toBeLessThan(5 * steps(10_000) + 5000)
})

/** How many characters of a text are looked at, one by one or in a search. */
function stepsOf(text: string): number {
  let steps = 0
  const counted = {
    length: text.length,
    charCodeAt(index: number) {
      steps += 1
      return text.charCodeAt(index)
    },
    slice(start: number, end: number) {
      steps += Math.max(0, end - start)
      return text.slice(start, end)
    },
    indexOf(character: string, from: number) {
      const found = text.indexOf(character, from)
      steps += (found === -1 ? text.length : found) - from + 1
      return found
    },
  }
  scanJson(counted as unknown as string)
  return steps
}
