/** A foreign app gets the whole protection by one `.use`. */
import { expect, test } from 'bun:test'
import { type } from 'arktype'
import { type AnyElysia, Elysia, t } from 'elysia'
import { type CalyOptions, caly } from '../../src/plugins/index.ts'
import type { RequestLine } from '../../src/plugins/request-log.ts'
import { accepts, email } from '../../src/plugins/validation.ts'
import { eventually } from '../support/process.ts'
import { securityHeaderNames } from '../support/security-headers.ts'

const token = 'a-long-secret'

/** An app that knows nothing of Caly but its one line. */
const foreignApp = (options: CalyOptions) =>
  new Elysia()
    .get('/early/:id', () => {
      throw new Error('password=hunter2')
    })
    .use(caly({ telemetry: { metricsToken: token }, ...options }))
    .get('/people/:id', ({ params, requestContext }) => [params.id, requestContext.route])
    .post('/people', ({ body }) => body.name, { body: t.Object({ name: t.String() }) })
    .post('/strict', ({ body }) => body.mail, { body: accepts('body', type({ mail: email })) })

const ask = (app: AnyElysia, path: string, init?: RequestInit) =>
  app.handle(new Request(`http://localhost${path}`, init))

const post = (app: AnyElysia, path: string, body: unknown) =>
  ask(app, path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

/** An app with its lines. */
function logged(options: CalyOptions = {}) {
  const lines: RequestLine[] = []
  return { app: foreignApp({ log: { on: (_, line) => lines.push(line) }, ...options }), lines }
}

test('a listening app has its plain answers written with their length, but where it has a hook for that', async () => {
  const lines: RequestLine[] = []
  const noted: unknown[] = []
  const app = foreignApp({ log: { on: (_, line) => lines.push(line) }, telemetry: false })
    .get('/plain', () => ({ greeting: 'Grüße' }))
    .get('/noted', ({ status }) => status(201, { greeting: 'hello' }), {
      afterResponse: ({ set }) => noted.push(set.status),
    })
    .get('/wrapped', () => ({ greeting: 'hello' }), {
      mapResponse: ({ responseValue }) => Response.json({ data: responseValue }),
    })
    .listen({ hostname: '127.0.0.1', port: 0 })
  try {
    const origin = `http://127.0.0.1:${app.server?.port}`
    const answers = []
    for (const path of ['/plain', '/plain', '/wrapped', '/noted'])
      answers.push(await (await fetch(`${origin}${path}`)).json())
    const plain = { greeting: 'Grüße' }
    expect(answers).toEqual([plain, plain, { data: { greeting: 'hello' } }, { greeting: 'hello' }])
    expect(lines.map(({ bytesOut }) => bytesOut)).toEqual([22, 22, undefined, undefined])
    await eventually(
      async () => noted,
      ([status]) => status === 201,
    )
  } finally {
    await app.stop(true)
  }
})

test('every answer has the security headers, a request id and a line of the log', async () => {
  const { app, lines } = logged()
  const answers = [
    await ask(app, '/people/7'),
    await ask(app, '/early/7'),
    await ask(app, '/nothing-here'),
    await ask(app, '/people/7', { method: 'DELETE' }),
    await post(app, '/people', { name: 7 }),
    await post(app, '/people', { name: 'x'.repeat(1_100_000) }),
    await ask(app, '/health/ready'),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 500, 404, 405, 422, 413, 200])
  for (const { headers } of answers) {
    for (const name of securityHeaderNames) expect(headers.has(name)).toBe(true)
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  }
  expect(lines.map(({ method, route, status }) => [method, route, status])).toEqual([
    ['GET', '/people/:id', 200],
    ['GET', '/early/:id', 500],
    ['GET', undefined, 404],
    ['DELETE', undefined, 405],
    ['POST', '/people', 422],
    ['POST', '/people', 413],
    ['GET', '/health/ready', 200],
  ])
})

test('errors are problems with the id of the request, and tell nothing of the inside', async () => {
  const { app } = logged()
  const early = await ask(app, '/early/7', { headers: { 'x-request-id': 'order-4711' } })
  expect(early.headers.get('content-type')).toBe('application/problem+json')
  expect(await early.json()).toEqual({
    type: 'https://caly.dev/problems/internal-error',
    title: 'Something went wrong',
    status: 500,
    detail: 'The request failed inside',
    instance: '/early/:id',
    code: 'INTERNAL_ERROR',
    requestId: 'order-4711',
  })
})

test('what is not valid is told by place, with schemas of Elysia and of ours', async () => {
  const { app } = logged()
  const theirs = await (await post(app, '/people', { name: 7 })).json()
  expect(theirs).toMatchObject({
    code: 'VALIDATION_FAILED',
    errors: [{ path: 'body.name', code: 'invalid', message: 'is not valid' }],
  })
  const ours = await (await post(app, '/strict', { mail: 'ada' })).json()
  expect(ours).toMatchObject({ errors: [{ path: 'body.mail', code: 'email' }] })
})

test('used on the app, on a plugin and on the app again it counts a request once', async () => {
  const { app, lines } = logged({ rateLimit: { limit: 3, window: 3000 } })
  const theirs = new Elysia({ prefix: '/theirs' }).use(caly({ health: false })).get('/', 'hello')
  app.use(theirs).use(caly({ rateLimit: { limit: 100 }, body: { limit: 1 } }))
  expect((await post(app, '/people', { name: 'Ada' })).status).toBe(200)
  const answer = await ask(app, '/theirs')
  expect(answer.headers.get('ratelimit')).toBe('"global";r=1;t=2')
  expect(lines).toHaveLength(2)
  await ask(app, '/theirs')
  const refused = await ask(app, '/theirs')
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
  expect(Number(refused.headers.get('retry-after'))).toBe(1)
  expect((await ask(app, '/health/live')).status).toBe(200)
})

test('attacks are told of, and refused where the app says so', async () => {
  const found: string[] = []
  const onFindings = (findings: readonly { readonly kind: string }[]) =>
    found.push(...findings.map(({ kind }) => kind))
  const attack = `?name=${encodeURIComponent("' OR 1=1--")}`
  const watching = logged({ anomaly: { onFindings } }).app
  expect((await ask(watching, `/people/7${attack}`)).status).toBe(200)
  const blocking = logged({ anomaly: { mode: 'block', onFindings } }).app
  const refused = await ask(blocking, `/early/7${attack}`)
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ code: 'FORBIDDEN' })
  expect(found).toEqual(['sql-injection', 'sql-injection'])
})

test('metrics are for who has the token, of whichever app started them', async () => {
  const { app } = logged()
  await ask(app, '/people/7')
  expect((await ask(app, '/metrics')).status).toBe(401)
  const scrape = await ask(app, '/metrics', { headers: { authorization: `Bearer ${token}` } })
  const text = await scrape.text()
  expect(text).toContain('http_route="/people/:id"')
  expect(text).toMatch(/caly_rate_limit_verdicts_total\{[^}]*\} [1-9]/)
})

test('every part can be turned off', async () => {
  const off = { overload: false, body: false, rateLimit: false, timeLimit: false } as const
  const app = foreignApp({ ...off, log: false, anomaly: false, health: false, telemetry: false })
  const { status, headers } = await ask(app, '/people/7')
  expect([status, headers.get('ratelimit')]).toEqual([200, null])
  for (const path of ['/health/live', '/metrics']) expect((await ask(app, path)).status).toBe(404)
})
