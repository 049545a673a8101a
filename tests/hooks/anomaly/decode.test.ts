import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'

const last = (text: string): string => viewsOf(text, 'body').at(-1)?.text ?? ''

const wrapped: readonly [what: string, text: string, read: string][] = [
  ['percent-encoding', '%3Cb%3E', '<b>'],
  ['percent-encoding of percent-encoding', '%25253Cb', '<b'],
  ['a percent sign wrapped digit by digit', '%%32%65%%32%%65', '..'],
  ['characters by number in percent-encoding', '%u003cb%U003E', '<b>'],
  ['UTF-8 that is too long', '%c0%ae%e0%80%af%f0%80%80%ae%f8%80%80%80%af', '././'],
  ['broken UTF-8', '%c0%2f%c1%1c', '/\\'],
  ['a byte before a quote', '%bf%27', "¿'"],
  ['percent-encoded Hindi', '%E0%A4%B9', 'ह'],
  ['HTML references by name', '&lt;b&gt;&quot;&colon;&NewLine;', '<b>":\n'],
  ['HTML references without semicolons', '&ltb&#62&#x3e', '<b>>'],
  ['HTML references with many zeros', '&#0000000106;', 'j'],
  ['escapes of JavaScript', '\\x3cb\\u003e\\u{3c}', '<b><'],
  ['characters of full width', '．．／＜ｂ＞', '../<b>'],
  ['enclosed digits', '①②⑦', '127'],
  ['mathematical letters', '𝓼𝓮𝓵', 'sel'],
  ['slashes that are none', 'a∕b∖c⁄d', 'a/b\\c/d'],
  ['spaces that are none', 'a\u00a0b\u3000c', 'a b c'],
  ['null bytes', 'sc\0ript', 'script'],
  ['characters without width', 'se\u200blect\u00ad', 'select'],
  ['a percent sign of full width', '％３Ｃ', '<'],
  ['percent-encoding in HTML references', '&#37;3Cb', '<b'],
]

for (const [what, text, read] of wrapped)
  test(`${what} is read as what it stands for`, () => {
    expect(last(text)).toBe(read)
  })

const bare = [
  'hello',
  '50 % off, or 5% of it',
  'R&D at AT&T; &c.',
  '?a=1&lt=2&copy=3',
  'C:\\users\\new',
  'कल फ़ोन करें…',
  'क्\u200dषमा',
  '❤\ufe0f',
]

for (const text of bare)
  test(`${text} has one reading`, () => {
    expect(viewsOf(text, 'body')).toEqual([
      { text, lower: text.toLowerCase(), layers: 0, place: 'body' },
    ])
  })

test('a plus is a space in a query without spaces, and there only', () => {
  expect(viewsOf('1+or+2', 'query').map(({ text }) => text)).toEqual(['1+or+2', '1 or 2'])
  expect(viewsOf('1 + 2', 'query')).toHaveLength(1)
  expect(viewsOf('1+or+2', 'body')).toHaveLength(1)
})

test('control characters are kept in one reading and taken out of the next', () => {
  expect(viewsOf('a%0bb%01c', 'query').map(({ text }) => text)).toEqual([
    'a%0bb%01c',
    'a\vb\u0001c',
    'a\vbc',
  ])
})

test('layers count how often a text was wrapped', () => {
  const layers = (text: string) => viewsOf(text, 'body').map((view) => view.layers)
  expect(layers('%253Cb')).toEqual([0, 2])
  expect(layers('%26lt;b')).toEqual([0, 1, 2])
})

test('lower case has the length of the text', () => {
  expect(viewsOf('İSTANBUL', 'body')[0]?.lower).toBe('İstanbul')
})

test('no text takes long, however it repeats, and none has more than three readings', () => {
  const units = [
    '%25',
    '%',
    '%%32',
    '%e0%80',
    '%c0',
    '&#',
    '&amp;',
    '&#0',
    '&lt',
    '\\u',
    '\\',
    '\u200b',
    '＜',
    '+',
    '\0',
    '%u',
  ]
  for (const unit of units)
    expect(viewsOf(unit.repeat(300_000), 'query').length).toBeLessThanOrEqual(3)
})
