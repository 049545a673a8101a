/** A request's line is written by hand: it reads as what it tells, whatever stands in it. */
import { describe, expect, test } from 'bun:test'
import { InternalError, NotFoundError } from '../../src/errors.ts'
import { CurrentRequest, setFailure, setPrincipal } from '../../src/hooks/request-context/index.ts'
import type { RequestLine } from '../../src/hooks/request-log/index.ts'
import { quoted } from '../../src/log/index.ts'
import { requestFields } from '../../src/observations/request-fields.ts'

const line: RequestLine = {
  method: 'GET',
  route: '/api/calls/:id',
  path: '/api/calls/0193f2f0-1234-7abc-8def-987654321098',
  status: 200,
  durationMs: 1.23456,
  bytesIn: undefined,
  bytesOut: 48,
  slow: false,
  aborted: false,
}

const requestOf = (userAgent?: string) => {
  const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
  const request = new CurrentRequest(new Request('http://localhost/', { headers }))
  request.clientAddress = '203.0.113.7'
  return request
}

const read = (told: RequestLine, request?: CurrentRequest): unknown =>
  JSON.parse(`{"level":"info"${requestFields(told, request).members}}`)

describe('requestFields()', () => {
  test('tells what there is, and leaves out what there is not', () => {
    expect(read(line)).toEqual({
      level: 'info',
      method: 'GET',
      route: line.route,
      path: line.path,
      status: 200,
      durationMs: 1.235,
      bytesOut: 48,
    })
    const none = { ...line, route: undefined, path: undefined, status: undefined }
    expect(read({ ...none, bytesIn: 7, bytesOut: undefined })).toEqual({
      ...{ level: 'info', method: 'GET', durationMs: 1.235, bytesIn: 7 },
    })
  })

  test('tells who asked', () => {
    const request = requestOf('curl/8.0')
    setPrincipal(request, { type: 'api_key', id: 'the-key', clientId: 'the-client' })
    expect(read(line, request)).toMatchObject({
      clientAddress: '203.0.113.7',
      clientId: 'the-client',
      principal: { type: 'api_key', id: 'the-key' },
      userAgent: 'curl/8.0',
    })
  })

  test('tells where a slow request spent its time', () => {
    const request = requestOf()
    request.times.add('query', 900)
    expect(read({ ...line, slow: true, durationMs: 1500 }, request)).toMatchObject({
      slow: true,
      stages: { pool: 0, query: 900, provider: 0, handler: 600 },
    })
  })

  test('tells the code of a refusal, and the cause of a failure alone', () => {
    const refused = requestOf()
    setFailure(refused, new NotFoundError('nothing', { cause: new Error('what the client sent') }))
    expect(read({ ...line, status: 404 }, refused)).toMatchObject({ problem: 'NOT_FOUND' })
    expect(read({ ...line, status: 404 }, refused)).not.toHaveProperty('error')
    const failed = requestOf()
    setFailure(failed, new InternalError(new Error('a cause, password=hunter2')))
    const told = JSON.stringify(read({ ...line, status: 500 }, failed))
    expect(told).toContain('a cause')
    expect(told).not.toContain('hunter2')
  })

  test('tells that a client went away', () => {
    const told = read({ ...line, status: undefined, aborted: true }, requestOf())
    expect(told).toMatchObject({ aborted: true })
  })

  test('reads as what was sent, and forges nothing', () => {
    const forged = 'a"},{"level":"error\\ \u0085b\u009bc'
    const { members } = requestFields(line, requestOf(forged))
    expect(members).not.toMatch(/[\u0080-\u009f]/)
    expect(read(line, requestOf(forged))).toMatchObject({ userAgent: forged })
  })
})

describe('quoted()', () => {
  test('writes a text the same each time, beyond what it keeps', () => {
    for (let turn = 0; turn < 2; turn++)
      for (let count = 0; count < 1500; count++)
        expect(JSON.parse(quoted(`text "${count}" \u2028`))).toBe(`text "${count}" \u2028`)
    expect(JSON.parse(quoted('x'.repeat(5000)))).toHaveLength(5000)
  })
})
