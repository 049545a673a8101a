import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { headerInjection } from '../../../src/hooks/anomaly/detectors/header-injection.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'query').map((view) => headerInjection(view)))

const attacks: readonly [what: string, text: string][] = [
  ['a command of IMAP', 'x\r\na001 EXAMINE INBOX'],
  ['a command of IMAP, with numbers', 'x\r\na002 copy 2:4 b'],
  ['a command of SMTP', 'x\r\nDATA'],
  ['a cookie', 'en\r\nSet-Cookie: a=b'],
  ['an encoded cookie', 'en%0d%0aSet-Cookie: a=b'],
  ['a cookie that is encoded twice', 'en%250aSet-Cookie: a=b'],
  ['a cookie behind ideographs', 'en嘊嘍Set-Cookie: a=b'],
  ['a redirection', '/x%0dLocation: https://a.example'],
  ['a field of one’s own', 'en\nX-Foo: bar'],
  ['a field that nobody knows', '/x%0d%0aProbe-Me: yes'],
  ['a second response', 'x%0d%0aHTTP/1.1 200 OK'],
  ['a field that nobody knows, behind a carriage return', 'x\rprobe: y'],
  ['a field that nobody knows, in a folded line', 'x\n Probe-Me:y'],
  ['a field that nobody knows, behind nothing', '%0d%0aprobe: y'],
  ['a cookie behind an end that is parted', 'x%0d%20%0aSet-Cookie:a=b'],
  ['a cookie behind what a decoder left', 'x%%0d0aSet-Cookie:a=b'],
  ['a cookie behind letters of two languages', 'xčĊSet-Cookie:a=b'],
  ['a host', 'x HTTP/1.1\r\nHost: a.example'],
  ['a second request', 'x\r\n\r\nGET /y HTTP/1.1'],
  ['a second response behind a field', 'x\r\na: b\r\n\r\nHTTP/1.1 200 OK'],
  ['an end of a mail', 'x\r\n.\r\nMAIL FROM:<a@b.example>'],
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
  'Anna\nphone: 123',
  'Anna\r\nphone: 123',
  'čaj\nx: y',
  'GET / HTTP/1.1\r\nHost: a.example',
]

for (const text of honest)
  test(`${JSON.stringify(text)} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of ['\n', '\r\n', '\na:', '\nHost:', '\n\n', '嘊', 'a\n '])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
