/** Hosts, and what a stranger says of who asks and how. */
import { canary, type Hostile } from './hostile.ts'
import { fields } from './requests.ts'

const withHost = (host: string, path = '/nothing') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nX-Canary: ${canary}\r\n\r\n`

const hosts: readonly (readonly [string, Hostile['is']])[] = [
  ['evil.example', 'Caly 421'],
  ['localhost.evil.example', 'Caly 421'],
  ['evil.example:80', 'Caly 421'],
  ['localhost.', 'Caly 421'],
  ['xn--lcalhost-54a', 'Caly 421'],
  ['10.0.0.1', 'Caly 421'],
  ['[::2]', 'Caly 421'],
  ['0x7f000001', { bun: 'Caly 400', deno: 'Caly 421' }],
  ['2130706433', { bun: 'Caly 400', deno: 'Caly 421' }],
  ['0177.0.0.1', { bun: 'Caly 400', deno: 'Caly 421' }],
  ['127.1', { bun: 'Caly 400', deno: 'Caly 421' }],
  ['', 'Caly 400'],
  ['x', 'Caly 400'],
  ['localhost/x', 'Caly 400'],
  ['localhost?x', 'Caly 400'],
  ['localhost#x', 'Caly 400'],
  ['localhost\\x', 'Caly 400'],
  ['user@localhost', 'Caly 400'],
  [`${canary}@localhost`, 'Caly 400'],
  ['localhost, evil.example', 'Caly 400'],
  ['local host', 'Caly 400'],
  ['local%68ost', 'Caly 400'],
  ['localhost:abc', 'Caly 400'],
  ['localhost:999999', 'Caly 400'],
  ['localhost:', 'Caly 400'],
  ['[::1', 'Caly 400'],
  ['::1', 'Caly 400'],
  ['<script>', 'Caly 400'],
  ['localh\xf6st', 'Caly 400'],
  [`${'a'.repeat(5000)}.example`, 'Caly 421'],
]

/** What only a trusted proxy may say. This peer is none. */
const claims = [
  'X-Forwarded-For: 127.0.0.1',
  'X-Forwarded-For: ::1, 127.0.0.1',
  `X-Forwarded-For: ${canary}`,
  `X-Forwarded-For: ${'1.2.3.4, '.repeat(1000)}1.2.3.4`,
  'Forwarded: for=127.0.0.1;proto=https;host=localhost',
  'Forwarded: for="[::1]";;;=,',
  'X-Real-IP: 127.0.0.1',
  'X-Client-IP: 127.0.0.1',
  'X-Forwarded-Host: localhost',
  'X-Forwarded-Proto: https',
  'X-Original-URL: /metrics',
  'X-Rewrite-URL: /metrics',
  'X-HTTP-Method-Override: DELETE',
  'X-Forwarded-Prefix: /admin',
]

/** Hosts and claims. */
export const hostRequests: readonly Hostile[] = [
  ...hosts.map(([host, is]) => ({
    what: `the host ${host.length > 50 ? `${host.slice(0, 20)}…` : host}`,
    bytes: withHost(host),
    is,
  })),
  {
    what: 'no host',
    bytes: 'GET /api HTTP/1.1\r\nConnection: close\r\n\r\n',
    is: { row: 'no `Host`' },
  },
  {
    what: 'no host, HTTP/1.0',
    bytes: 'GET /api HTTP/1.0\r\n\r\n',
    is: { row: 'no `Host`, HTTP/1.0' },
  },
  {
    what: 'two hosts',
    bytes: `GET /nothing HTTP/1.1\r\n${fields}Host: evil.example\r\n\r\n`,
    is: { row: 'two lines `Host`' },
  },
  {
    what: 'a host that makes a path longer',
    bytes: withHost('x', '/a/health/live'),
    is: 'Caly 400',
  },
  {
    what: 'a probe of an address that is no name',
    bytes: withHost('10.1.2.3', '/metrics'),
    is: 'Caly 401',
  },
  ...claims.map((claim) => ({
    what: `the claim ${claim.slice(0, 60)}`,
    bytes: `GET /nothing HTTP/1.1\r\n${fields}${claim}\r\n\r\n`,
    is: 'Caly 404',
  })),
  ...claims.slice(0, 7).map((claim) => ({
    what: `an operator who claims ${claim.slice(0, 60)}`,
    bytes: `GET /metrics HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n${claim}\r\n\r\n`,
    is: 'Caly 401',
  })),
]
