import { describe, expect, test } from 'bun:test'
import { type } from 'arktype'
import { Elysia, t } from 'elysia'
import { AuthenticationError, DatabaseError, type ProblemError } from '../../src/errors.ts'
import { problemDetails, timeLimit } from '../../src/hooks/problem-details/index.ts'
import { accepts } from '../../src/hooks/validation/index.ts'

/** Stands in every place that a client can fill; no answer may hold it. */
const canary = 'hunter2-canary'

const heard: ProblemError[] = []
const throwing = (error: unknown) => () => {
  throw error
}
const app = new Elysia()
  .use(timeLimit({ after: 50 }))
  .use(
    problemDetails({
      onProblem: (problem) => heard.push(problem),
      translate: (error) => (error === 'database' ? new DatabaseError(true) : undefined),
    }),
  )
  .get('/fine', () => 'fine')
  .get('/items/:id', () => 'item')
  .post('/items', ({ body }) => body, {
    body: accepts('body', type({ '+': 'reject', name: 'string', size: '1 <= number <= 9' })),
  })
  .post('/typebox', ({ body }) => body, { body: t.Object({ name: t.String() }) })
  .get('/error', throwing(new Error(canary)))
  .get('/async-error', async () => {
    await Promise.resolve()
    throw new Error(canary)
  })
  .get('/string', throwing(canary))
  .get('/null', throwing(null))
  .get('/undefined', throwing(undefined))
  .get('/object', throwing({ status: 200, message: canary }))
  .get('/own', throwing(new AuthenticationError('TOKEN_EXPIRED', 'The token has expired')))
  .get('/database', throwing('database'))
  .get('/slow', () => new Promise(() => undefined))

async function ask(method: string, path: string, body?: string) {
  const response = await app.handle(
    new Request(`http://localhost${path}`, {
      method,
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    }),
  )
  return { response, text: await response.text() }
}

describe('problemDetails()', () => {
  const cases = [
    ['an unknown path', 'GET', `/${canary}`, undefined, 404, 'NOT_FOUND', undefined],
    [
      'a wrong method',
      'DELETE',
      `/items/${canary}`,
      undefined,
      405,
      'METHOD_NOT_ALLOWED',
      undefined,
    ],
    ['a body that is no JSON', 'POST', '/items', `{"${canary}`, 400, 'MALFORMED_BODY', '/items'],
    [
      'a body that is not valid',
      'POST',
      '/items',
      `{"name":"${canary}","size":"${canary}"}`,
      422,
      'VALIDATION_FAILED',
      '/items',
    ],
    [
      'an unknown field',
      'POST',
      '/items',
      `{"name":"a","size":1,"extra":"${canary}"}`,
      422,
      'VALIDATION_FAILED',
      '/items',
    ],
    [
      "a body that Elysia's own schema refuses",
      'POST',
      '/typebox',
      `{"name":["${canary}"]}`,
      422,
      'VALIDATION_FAILED',
      '/typebox',
    ],
    ['a thrown error', 'GET', '/error', undefined, 500, 'INTERNAL_ERROR', '/error'],
    ['a rejected promise', 'GET', '/async-error', undefined, 500, 'INTERNAL_ERROR', '/async-error'],
    ['a thrown string', 'GET', '/string', undefined, 500, 'INTERNAL_ERROR', '/string'],
    ['a thrown null', 'GET', '/null', undefined, 500, 'INTERNAL_ERROR', undefined],
    ['a thrown undefined', 'GET', '/undefined', undefined, 500, 'INTERNAL_ERROR', undefined],
    ['a thrown object', 'GET', '/object', undefined, 500, 'INTERNAL_ERROR', '/object'],
    ['an error that is a problem', 'GET', '/own', undefined, 401, 'TOKEN_EXPIRED', '/own'],
    [
      'an error that the app translates',
      'GET',
      '/database',
      undefined,
      503,
      'DATABASE_UNAVAILABLE',
      '/database',
    ],
    ['a handler that never answers', 'GET', '/slow', undefined, 503, 'OVERLOADED', undefined],
  ] as const
  for (const [what, method, path, body, status, code, instance] of cases)
    test(`${what} is answered ${status} ${code}, and repeats nothing`, async () => {
      const { response, text } = await ask(method, path, body)
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      const problem = JSON.parse(text)
      expect(problem).toMatchObject({ status, code })
      expect(problem.instance).toBe(instance)
      expect(problem.type).toStartWith('https://caly.dev/problems/')
      expect(text).not.toContain(canary)
    })

  test('a validation problem names every field, its rule and what to do', async () => {
    const { text } = await ask('POST', '/items', '{"size":10,"more":1}')
    expect(JSON.parse(text)).toMatchObject({
      detail: '3 fields need attention',
      errors: expect.arrayContaining([
        { path: 'body.name', code: 'required', message: 'is missing' },
        { path: 'body.size', code: 'too_large', message: 'must be at most 9' },
        { path: 'body', code: 'unknown', message: 'has a field that is not known here' },
      ]),
    })
  })

  test('a fault that arktype makes of several tells what would be right, and not what was sent', async () => {
    const choosy = new Elysia().use(problemDetails()).post('/', ({ body }) => body, {
      body: accepts(
        'body',
        type({ state: "'on' | 'off'", record: 'boolean', code: 'string.email & string < 9' }),
      ),
    })
    const response = await choosy.handle(
      new Request('http://localhost/', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ state: canary, record: canary, code: canary }),
      }),
    )
    const text = await response.text()
    expect(text).not.toContain(canary)
    expect(JSON.parse(text).errors).toEqual(
      expect.arrayContaining([
        { path: 'body.state', code: 'choice', message: 'must be "off" or "on"' },
        { path: 'body.record', code: 'choice', message: 'must be false or true' },
        {
          path: 'body.code',
          code: 'invalid',
          message: 'must be an email address and at most length 8',
        },
      ]),
    )
  })

  test('a body that is missing altogether is told as such', async () => {
    const { text } = await ask('POST', '/items')
    expect(JSON.parse(text).errors).toEqual([
      { path: 'body', code: 'type', message: 'must be an object' },
    ])
  })

  test('405 and OPTIONS name the methods that the path takes', async () => {
    const wrong = await ask('PUT', '/items')
    expect(wrong.response.headers.get('allow')).toBe('POST, OPTIONS')
    const options = await ask('OPTIONS', '/items/7')
    expect(options.response.status).toBe(204)
    expect(options.response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    expect((await ask('OPTIONS', '/nothing-here')).response.status).toBe(404)
  })

  test('HEAD is answered as GET, without the body', async () => {
    const { response, text } = await ask('HEAD', '/fine')
    expect(response.status).toBe(200)
    expect(text).toBe('')
  })

  test('a problem carries the headers that belong to it', async () => {
    expect((await ask('GET', '/own')).response.headers.get('www-authenticate')).toContain('Bearer')
    expect((await ask('GET', '/database')).response.headers.get('retry-after')).toBe('1')
  })

  test('the app hears of each problem, with what was behind it', async () => {
    heard.length = 0
    await ask('GET', '/error')
    expect(heard).toHaveLength(1)
    expect(String(heard[0]?.cause)).toContain(canary)
  })
})

describe('timeLimit()', () => {
  test('answers many slow requests, each when its own time is up', async () => {
    const started = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('GET', '/slow')))
    expect(answers.map(({ response }) => response.status)).toEqual(Array(20).fill(503))
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('takes the headers along that hooks have set, and aborts what still runs', async () => {
    const aborted: string[] = []
    const limited = new Elysia()
      .use(
        timeLimit({
          after: 10,
          current: () => ({
            headers: { 'x-request-id': 'request-1' },
            route: '/slow',
            abort: ({ message }) => aborted.push(message),
          }),
        }),
      )
      .get('/slow', () => new Promise(() => undefined))
    const response = await limited.handle(new Request('http://localhost/slow'))
    expect(response.headers.get('x-request-id')).toBe('request-1')
    expect(await response.json()).toMatchObject({ requestId: 'request-1', instance: '/slow' })
    expect(aborted).toHaveLength(1)
  })
})
