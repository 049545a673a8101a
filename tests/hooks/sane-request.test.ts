import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { ambiguityOf, hostOf, pathOf } from '../../src/hooks/request-target.ts'
import { saneRequest } from '../../src/hooks/sane-request.ts'

const of = (path: string, host = 'localhost:3000') => ambiguityOf(`http://${host}${path}`, host)

describe('ambiguityOf()', () => {
  for (const path of [
    '/',
    '/api',
    '/api/calls?limit=1&from=2026-01-01T00:00:00Z',
    '/api/webhooks/exotel/a+b=c,d@e:f;g?call=1&sig=x//../y%2F',
    '/.well-known/security.txt',
    '/a..b/c.../...d',
    '/caf%C3%A9/%E2%80%8D/%20',
    '/100%25/%252F',
    '/a|b"c<d>{e}^`[f]',
    `/${'a/'.repeat(8000)}`,
  ])
    test(`sees one way to read ${path.slice(0, 60)}`, () => {
      expect(of(path)).toBeUndefined()
    })

  for (const path of [
    '//',
    '/a//b',
    '/a//',
    '/.',
    '/..',
    '/a/./b',
    '/a/../b',
    '/a/%2e%2E/b',
    '/a/.%2e',
    '/a/..;x/b',
    '/a%2fb',
    '/a%5Cb',
    '/a\\b',
    '/a b',
    '/a\u007fb',
    '/café',
    '/a%',
    '/a%f',
    '/a%gg',
    '/a%ff',
    '/a%c0%ae',
    '/a%00',
    '/a%0d%0a',
    '/a%1B',
    '/a%7F',
    '/a%ef%bf%bd',
    '/a#b',
    '/a?b#c',
  ])
    test(`sees two ways to read ${path}`, () => {
      expect(of(path)).toBeDefined()
    })

  for (const host of ['caly.example', 'caly_1:8080', '127.0.0.1', '[::1]:3000', 'LOCALHOST'])
    test(`takes the host ${host}`, () => {
      expect(of('/api/calls', host)).toBeUndefined()
    })

  for (const host of ['', 'x', 'a@b.example', 'a.example/b', 'a.example, b.example', 'a b.example'])
    test(`refuses the host ${JSON.stringify(host)}`, () => {
      expect(of('/api/calls', host)).toBeDefined()
    })

  test('refuses a host that is not that of the URL, and what is no URL of HTTP', () => {
    expect(ambiguityOf('http://127.0.0.1/a', '2130706433')).toBeDefined()
    expect(ambiguityOf('http://evil.example/a', 'localhost')).toBeDefined()
    for (const url of ['/api', '*', 'localhost:80', 'ftp://localhost/a', 'other://localhost/a', ''])
      expect(ambiguityOf(url, null)).toBeDefined()
  })

  test('takes a request that a program made without a Host', () => {
    expect(ambiguityOf('http://localhost/api', null)).toBeUndefined()
  })
})

test('pathOf() and hostOf() take a URL apart as it stands', () => {
  expect(pathOf('https://[::1]:3000/a%2Fb?c=/d')).toBe('/a%2Fb')
  expect(hostOf('https://[::1]:3000/a')).toBe('[::1]')
  expect(hostOf('http://localhost:3000/a')).toBe('localhost')
})

test('saneRequest() answers 400 before a wildcard route, and never repeats the path', async () => {
  const app = new Elysia()
    .use(saneRequest())
    .use(problemDetails())
    .get('/files/*', ({ path }) => path)
  expect((await app.handle(new Request('http://localhost/files/a'))).status).toBe(200)
  const refused = await app.handle(new Request('http://localhost/files/..%2fsecret'))
  expect(refused.status).toBe(400)
  expect(await refused.text()).not.toContain('secret')
})
