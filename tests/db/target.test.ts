/** What a DATABASE_URL means, and how array literals are read. */
import { expect, test } from 'bun:test'
import { readArray, writeArray } from '../../db/pool/arrays.ts'
import { describeTarget, parseTarget } from '../../db/target.ts'

test('a URL gives host, port, database and login, each decoded', () => {
  expect(parseTarget('postgres://us%40er:p%3Aw%2F@db.example.com:6432/ca%20ly')).toMatchObject({
    hosts: [{ host: 'db.example.com', port: 6432 }],
    user: 'us@er',
    password: 'p:w/',
    database: 'ca ly',
    ssl: false,
    path: undefined,
  })
  expect(parseTarget('postgresql://caly@[::1]/')).toMatchObject({
    hosts: [{ host: '::1', port: 5432 }],
    database: 'caly',
  })
})

test('several hosts are tried in order, and a folder as host is a Unix socket', () => {
  expect(parseTarget('postgres://caly@one:5433,two,[::1]:5434/caly').hosts).toEqual([
    { host: 'one', port: 5433 },
    { host: 'two', port: 5432 },
    { host: '::1', port: 5434 },
  ])
  expect(parseTarget('postgres:///caly?host=/run/postgresql')).toMatchObject({
    path: '/run/postgresql/.s.PGSQL.5432',
    database: 'caly',
  })
})

test('sslmode decides what is checked of the certificate, and other parameters reach the session', () => {
  const ssl = (mode: string) => parseTarget(`postgres://caly@db/caly?sslmode=${mode}`).ssl
  expect(ssl('disable')).toBe(false)
  expect(ssl('prefer')).toBe('prefer')
  expect(ssl('require')).toBe('require')
  expect(ssl('verify-ca')).toMatchObject({ rejectUnauthorized: true })
  expect(ssl('verify-full')).toEqual({ rejectUnauthorized: true })
  expect(() => ssl('maybe')).toThrow(RangeError)
  const { parameters } = parseTarget('postgres://caly@db/caly?search_path=tenant&sslmode=disable')
  expect(parameters).toEqual({ search_path: 'tenant' })
})

test('the name of a target for people has no credentials in it', () => {
  const describe = (url: string) => describeTarget(parseTarget(url))
  expect(describe('postgres://caly:canary@one:5433,two/caly')).toBe('one:5433 or two:5432')
  expect(describe('postgres:///caly?host=/run/postgresql')).toBe('/run/postgresql/.s.PGSQL.5432')
  expect(() => parseTarget('postgres://caly:canary@exa mple/caly')).toThrow(
    'DATABASE_URL is not a URL that can be read',
  )
})

test('an array literal reads as what was written, whatever its elements hold', () => {
  const elements = ['', ' ', 'NULL', null, '{}', ',', '"', '\\', 'ü', [['a'], ['b']]]
  expect(readArray(writeArray(elements), String)).toEqual(elements)
  expect(readArray('[0:1]={1,2}', Number)).toEqual([1, 2])
  expect(readArray('{}', Number)).toEqual([])
  expect(() => readArray('{1', Number)).toThrow(SyntaxError)
  expect(() => readArray('1', Number)).toThrow(SyntaxError)
})
