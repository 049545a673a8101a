/** One line a request: what it tells, at which level, and what never stands in it. */
import { afterEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { Elysia } from 'elysia'
import {
  type RequestLine,
  type RequestLogLevel,
  type RequestLogOptions,
  requestLog,
} from '../../src/hooks/request-log/index.ts'
import { shownPath } from '../../src/hooks/request-log/path.ts'
import { adminOf, clientOf } from '../support/client.ts'
import { type Caly, type CalyOptions, eventually, startCaly } from '../support/process.ts'

describe('shownPath()', () => {
  const id = '0193f2f0-1234-7abc-8def-987654321098'
  const cases: [route: string | undefined, url: string, expected: string | undefined][] = [
    ['/api/calls', 'http://x/api/calls?from=%2B919876543210', '/api/calls'],
    ['/api/calls/:id', `http://x/api/calls/${id}`, `/api/calls/${id}`],
    ['/api/calls/:id', 'http://x/api/calls/hunter2', '/api/calls/:id'],
    [
      '/api/webhooks/exotel/:secret',
      'http://x/api/webhooks/exotel/hunter2?sig=1',
      '/api/webhooks/exotel/:secret',
    ],
    [
      '/api/webhooks/exotel/:secret',
      `http://x/api/webhooks/exotel/${id}`,
      '/api/webhooks/exotel/:secret',
    ],
    [undefined, 'http://x/hunter2', undefined],
  ]
  for (const [route, url, expected] of cases)
    test(`shows ${expected} of ${url}`, () => expect(shownPath(route, url)).toBe(expected))
})

describe('requestLog()', () => {
  async function lines(options: Partial<RequestLogOptions>, ...statuses: number[]) {
    const written: [RequestLogLevel, RequestLine][] = []
    const app = new Elysia()
      .use(
        requestLog({
          slowRequest: 1000,
          write: (level, line) => written.push([level, line]),
          ...options,
        }),
      )
      .get('/:status', async ({ params }) => new Response('', { status: Number(params.status) }))
    for (const status of statuses) await app.handle(new Request(`http://localhost/${status}`))
    return written.map(([level, { status }]) => `${level} ${status}`)
  }

  test('tells 5xx as errors, 4xx as warnings, the rest as information', async () => {
    const told = ['info 200', 'info 302', 'warn 404', 'error 503']
    expect(await lines({}, 200, 302, 404, 503)).toEqual(told)
  })

  test('tells a slow request as a warning', async () => {
    expect(await lines({ slowRequest: -1 }, 200)).toEqual(['warn 200'])
  })

  test('leaves out successful requests by chance, and never another', async () => {
    expect(await lines({ sample: 0 }, 200, 404, 500)).toEqual(['warn 404', 'error 500'])
    let chance = 0
    const random = () => (chance++ % 4) / 4
    expect(await lines({ sample: 0.5, random }, 200, 200, 200, 200)).toHaveLength(2)
    expect(await lines({ sample: 0, slowRequest: -1 }, 200)).toEqual(['warn 200'])
  })

  test('refuses a share that is none', () => {
    expect(() => requestLog({ slowRequest: 1, write: () => {}, sample: 2 })).toThrow(
      'sample must be a number from 0 to 1, got 2',
    )
  })
})

describe('A running Caly', () => {
  const running: Caly[] = []
  afterEach(async () => {
    for (const caly of running.splice(0)) await caly.stop()
  }, 60_000)

  async function start(options: CalyOptions): Promise<Caly> {
    const caly = await startCaly(options)
    running.push(caly)
    return caly
  }

  interface Line extends Readonly<Record<string, unknown>> {
    readonly stages?: Readonly<Record<string, number>>
  }

  const linesOf = (caly: Caly): Line[] =>
    caly
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))

  const lineWith = (caly: Caly, fits: (line: Line) => boolean) =>
    eventually(
      async () => linesOf(caly).find(fits),
      (line) => line !== undefined,
    )

  test('tells who asked for what, with which result, and nothing that the client wrote', async () => {
    const caly = await start({
      env: {
        CALY_PROVIDER: 'simulator',
        EXOTEL_WEBHOOK_SECRET: 'webhook-secret-4711',
        LOG_LEVEL: 'debug',
      },
    })
    const admin = await adminOf(caly)
    const canary = 'canary-7f3a'
    const { headers } = await admin('GET', '/api/auth/me', undefined, {
      'user-agent': `app/1.0 ${canary}@mail.example.com\u009b2J`,
      'x-forwarded-for': canary,
    })
    const me = await lineWith(caly, ({ requestId }) => requestId === headers.get('x-request-id'))
    expect(me).toMatchObject({
      level: 'info',
      method: 'GET',
      route: '/api/auth/me',
      path: '/api/auth/me',
      status: 200,
      durationMs: expect.any(Number),
      clientAddress: '127.0.0.1',
      clientId: expect.any(String),
      principal: { type: 'user', id: expect.any(String) },
      userAgent: 'app/1.0 [redacted:email]\u009b2J',
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const stranger = clientOf(caly)
    await stranger('GET', `/${canary}?${canary}=1`)
    await stranger('POST', '/api/auth/login', { [canary]: canary, password: `${canary}-password` })
    await stranger('POST', '/api/auth/login', `{"password": "${canary}`)
    await stranger('GET', `/api/webhooks/exotel/${canary}?From=%2B919876543210`)
    await stranger('POST', `/api/webhooks/exotel/webhook-secret-4711?CallSid=${canary}`, 'x', {
      'content-type': 'application/x-www-form-urlencoded',
    })
    await admin('GET', `/api/calls/${canary}`, undefined, { cookie: `a=${canary}` })
    await admin('GET', '/api/keys/nothing-here')
    const last = await admin('GET', '/api/auth/me')
    await lineWith(caly, ({ requestId }) => requestId === last.headers.get('x-request-id'))
    expect(caly.output()).not.toContain(canary)
    expect(caly.output()).not.toContain('webhook-secret-4711')
    expect(caly.output()).not.toContain('9876543210')
  }, 60_000)

  test('tells where a slow request spent its time', async () => {
    const caly = await start({
      env: { SLOW_REQUEST_MS: '1', DB_POOL_MAX: '2', DB_POOL_MIN: '1', RATE_LIMIT_API: 'off' },
    })
    const admin = await adminOf(caly)
    await Promise.all(Array.from({ length: 40 }, () => admin('GET', '/api/calls')))
    const waited = await lineWith(
      caly,
      ({ route, stages }) => route === '/api/calls' && (stages?.['pool'] ?? 0) > 0,
    )
    const { pool = 0, query = 0, provider = 0, handler = 0 } = waited?.stages ?? {}
    expect(waited?.['level']).toBe('warn')
    expect(query).toBeGreaterThan(0)
    expect(pool + query + provider + handler).toBeGreaterThanOrEqual(
      Number(waited?.['durationMs']) - 0.01,
    )
    const login = linesOf(caly).find(({ route }) => route === '/api/auth/login')
    expect(login?.stages?.['handler']).toBeGreaterThan(5)
  }, 60_000)

  test('tells a request whose client went away as aborted, without a status, and how many lines were lost', async () => {
    const caly = await start({})
    // A login whose body does not come is under way for as long as its client likes.
    const socket = connect(caly.port, '127.0.0.1')
    socket.write(
      'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: aborted-one\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    await eventually(
      async () => String((await clientOf(caly)('GET', '/metrics')).body),
      (figures) =>
        /^http_server_active_requests\{.*"POST".*\} 1$/m.test(figures) &&
        figures.includes('caly_log_dropped_lines_total'),
    )
    socket.destroy()
    const line = await lineWith(caly, ({ requestId }) => requestId === 'aborted-one')
    expect(line).toMatchObject({ level: 'warn', aborted: true, msg: 'request aborted' })
    expect(line).not.toHaveProperty('status')
  }, 60_000)

  test('leaves successful requests out where LOG_SAMPLE is 0', async () => {
    const caly = await start({ env: { LOG_SAMPLE: '0' } })
    const client = clientOf(caly)
    await client('GET', '/api')
    await client('GET', '/nothing')
    await lineWith(caly, ({ status }) => status === 404)
    expect(linesOf(caly).filter(({ msg, status }) => msg === 'request' && status === 200)).toEqual(
      [],
    )
  }, 60_000)
})
