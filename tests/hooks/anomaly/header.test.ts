import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { headerInjection } from '../../../src/hooks/anomaly/detectors/header-injection.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'query').map((view) => headerInjection(view)))

const attacks: readonly [what: string, text: string][] = [
  ['a cookie', 'en\r\nSet-Cookie: a=b'],
  ['an encoded cookie', 'en%0d%0aSet-Cookie: a=b'],
  ['a cookie that is encoded twice', 'en%250aSet-Cookie: a=b'],
  ['a cookie behind ideographs', 'en嘊嘍Set-Cookie: a=b'],
  ['a redirection', '/x%0dLocation: https://a.example'],
  ['a field of one’s own', 'en\nX-Foo: bar'],
  ['a field that nobody knows', '/x%0d%0aProbe-Me: yes'],
  ['a second response', 'x%0d%0aHTTP/1.1 200 OK'],
  ['a body', 'x%0d%0a%0d%0a<script>'],
  ['a command of a mail server', 'anna@example.com\r\nRCPT TO:<eve@example.com>'],
  ['a recipient of a mail', 'anna@example.com\nBcc: eve@example.com'],
]

for (const [what, text] of attacks)
  test(`${what} behind the end of a line is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  'Name: Anna\nPhone: 123',
  'Hi,\nLocation: Berlin\nDate: 2025-01-01\n\nThanks',
  'Anna\nLocation: Berlin',
  'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5',
  'headers:\n  Content-Type: text/html',
  'mailto:x@example.com?subject=a&body=Dear%20team%2C%0A%0A',
  'Dear team,\n\n<b>hello</b>',
  'a\nb\nc',
]

for (const text of honest)
  test(`${JSON.stringify(text)} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of ['\n', '\r\n', '\na:', '\nHost:', '\n\n', '嘊', 'a\n '])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
