import { expect, test } from 'bun:test'
import { xpathInjection } from '../../../src/hooks/anomaly/detectors/xpath-injection.ts'

const scoreOf = (text: string): number =>
  xpathInjection({ text, lower: text.toLowerCase(), layers: 0, place: 'body' })

const attacks = [
  "k' or count(//*)>2 or 'c'='d",
  "k' and string-length(//staff[2]/pin)=4 and '3'='3",
  "' or position()=2 or '",
  '" or true() or "',
  "k'] | //staff/*['3'='3",
  "k')] | //node() | a[('",
  "' or starts-with(../pin,'4",
  "' or ancestor::staff or '",
  "k'/../../staff[1]/pin | //a['",
  "' or not(//staff) or '",
  "' and doc('https://evil.example/')/k or '",
  '3] | //staff[1',
  '3 or count(//staff)>0',
  '3 or //pin',
  "k')]/pin | a[contains(b,'",
  "k' or staff[2]/pin='3",
  "k' or pin/text()='3",
  "k' or .='3",
  "k' or @pin='3",
  "k' or fn:doc('https://evil.example')='3",
  "k' or lower-case(name(/*))='k",
  "k' or head(//pin)='3",
]

test('xpathInjection() finds paths and functions behind a way out of the value', () => {
  expect(attacks.filter((text) => scoreOf(text) < 0.5)).toEqual([])
})

const honest = [
  "O'Brien or name",
  "/staff/staff[1]/pin and //a are paths; 'or' joins them",
  `const a = b['c'] | d['e'] // a comment`,
  `x = 'a' + '/' + name()`,
  'see the [docs](/using/it#part) and [more](/b)',
  "it's true() or false(), count(x) says",
  '"<b>bold</b>"</span>',
  "the 'name' field or 'text()' node",
  "km/h' or and/or",
  `load(base + '/../lib/a.js')`,
  '|/path/to/file',
  'path_text = text()',
  "'|.=' => sub { }",
  '3 or // a remark',
]

test('xpathInjection() lets paths that are spoken of, code and names pass', () => {
  expect(honest.filter((text) => scoreOf(text) >= 0.5)).toEqual([])
})

test('xpathInjection() reads long texts of anything troublesome to the end', () => {
  for (const piece of ["'", "' or ", "']|", '//', '/..', '] | //', 'a/b', ' ', '(', "a'b"])
    for (const head of ['', "' or ", '1] | '])
      expect(scoreOf(head + piece.repeat(30_000))).toBeLessThanOrEqual(1)
})
