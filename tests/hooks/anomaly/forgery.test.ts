import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { requestForgery } from '../../../src/hooks/anomaly/detectors/request-forgery.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'query').map((view) => requestForgery(view)))

const attacks: readonly [what: string, text: string][] = [
  ['a socket of the machine', 'http://unix:/var/run/a.sock:/b'],
  ['a host behind a blank', 'http://a.example:80 &@127.9.9.9:22/'],
  ['the machine itself', 'http://localhost:8080/x'],
  ['its address', 'https://127.0.0.1/'],
  ['its address in short', 'http://127.1/'],
  ['its address as one number', 'http://2130706433/'],
  ['its address in octal', 'http://0177.0.0.1/'],
  ['its address in hexadecimal', 'http://0x7f000001/'],
  ['its address in numbers that wrap', 'http://383.256.256.257/'],
  ['its address in IPv6', 'http://[::1]:80/'],
  ['its address as IPv6', 'http://[::ffff:127.0.0.1]/'],
  ['its address as IPv6, in hexadecimal', 'http://[::ffff:7f00:1]/'],
  ['its address in circles', 'http://①②⑦.⓪.⓪.①/'],
  ['its address with ideographic stops', 'http://127。0。0。1/'],
  ['its address percent-encoded', 'http://%31%32%37.0.0.1/'],
  ['an address of a network within', 'http://192.168.7.7/'],
  ['an address of a link', 'http://[fe80::1%25eth0]/'],
  ['the metadata of a cloud', 'http://169.254.169.254/'],
  ['the metadata of a cloud, without a protocol', '169.254.169.254/latest'],
  ['a name that leads back', 'http://x.localtest.me/'],
  ['a name that holds an address', 'http://10.0.0.7.nip.io/'],
  ['a cluster', 'https://kubernetes.default.svc/api'],
  ['the host of a container', 'host.docker.internal/'],
  ['a name without a dot', 'http://redis:6379/'],
  ['a host behind another', 'http://example.com@10.0.0.7/'],
  ['a host behind a backslash', 'http:\\\\10.0.0.7\\'],
  ['an old protocol', 'gopher://x.example:25/_HELO'],
  ['a dictionary', 'dict://x.example:11111/'],
  ['a wrapper of PHP', 'php://filter/convert.base64-encode/resource=x.php'],
  ['a service that is found by name', 'http://vault.service.consul:8200/v1'],
  ['a network for measurements', 'http://198.18.0.7/'],
  ['IPv4 in IPv6 by tunnel', 'http://[2002:7f00:1::]/'],
  ['too many slashes', 'http:////127.0.0.1/'],
  ['a share of Windows', '\\\\127.0.0.1\\x'],
  ['a directory', 'ldap://x.example:389/y'],
  ['a protocol, and lines of another', 'ldap://x.example:11211/\nstats\nquit'],
  ['a server of files, by its port', 'sftp://x.example:22/'],
  ['any protocol', 'redis://127.0.0.1:6379/0'],
]

for (const [what, text] of attacks)
  test(`an address of ${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  'https://example.com/a?b=c#localhost',
  'http://8.8.8.8/',
  'http://[2001:db8::1]/',
  'It works on http://localhost:3000 on my machine',
  'see http://192.168.1.1 for the router',
  'https://example.com/?redirect=http://localhost:3000/cb',
  'postgres://user@localhost:5432/x is for development only',
  'postgres://user@localhost:5432/x+is+for+development+only',
  'postgres://user@localhost:5432/x%20is%20for%20development',
  'ldap://x.example/dc=example,dc=com?cn?sub',
  'sftp://x.example/in/report.csv',
  'tftp://x.example answers nothing',
  'https://metadata.example.com/',
  'https://internal.example.com/127.0.0.1',
  '//cdn.example.com/x.js',
  'mailto:anna@localhost',
  'sip:100@192.168.0.10',
  '127.0.0.1',
  'postgres://user@db.example.com:5432/x',
  'tel:+493012345',
]

for (const text of honest)
  test(`${text} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of ['http://', '//', '@', 'a.', '1.', ':[', 'gopher://', '#@', 'http://a@'])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
  expect(score(`http://${'1.'.repeat(900)}`)).toBeLessThan(0.5)
  expect(score(`http://${'a@'.repeat(900)}`)).toBeLessThan(0.5)
})
