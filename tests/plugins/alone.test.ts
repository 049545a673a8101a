/** Each plugin by itself on a bare app, wherever Elysia lets it be used. */
import { describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { type AnyElysia, Elysia } from 'elysia'
import { anomaly } from '../../src/plugins/anomaly.ts'
import { bodyLimit } from '../../src/plugins/body-limit.ts'
import { cors } from '../../src/plugins/cors.ts'
import { NotFoundError, problemDetails } from '../../src/plugins/errors.ts'
import { health } from '../../src/plugins/health.ts'
import { overload } from '../../src/plugins/overload.ts'
import { processLog } from '../../src/plugins/process-log.ts'
import { rateLimit } from '../../src/plugins/rate-limit.ts'
import { currentRequest, requestContext } from '../../src/plugins/request-context.ts'
import { requestLog } from '../../src/plugins/request-log.ts'
import { saneRequest } from '../../src/plugins/sane-request.ts'
import { securityHeaders } from '../../src/plugins/security-headers.ts'
import { telemetry } from '../../src/plugins/telemetry.ts'

type Use = (app: AnyElysia) => AnyElysia
type Routes = (app: AnyElysia) => AnyElysia

const bare = (name?: string): AnyElysia => new Elysia(name === undefined ? {} : { name })

/** Where a plugin is used: an app, and the path of its routes. */
const places: Readonly<Record<string, (use: Use, routes: Routes) => AnyElysia>> = {
  'before the routes': (use, routes) => routes(use(bare())),
  'after the routes': (use, routes) => use(routes(bare())),
  'on a plugin': (use, routes) => bare().use(routes(use(bare('theirs')))),
  'twice after the routes': (use, routes) => use(use(routes(bare()))),
  twice: (use, routes) => routes(use(use(bare()))),
  'on the app and on a plugin of it': (use, routes) => use(bare()).use(routes(use(bare('theirs')))),
  'in a group': (use, routes) => bare().group('', (group) => routes(use(group)) as never),
  'on the app and in a group': (use, routes) =>
    use(bare()).group('', (group) => routes(use(group)) as never),
}

/** What wraps requests: Elysia drops it in a group. */
const withoutGroups = Object.fromEntries(
  Object.entries(places).filter(([where]) => where !== 'in a group'),
)

const routes: Routes = (app) =>
  app
    .get('/things/:id', () => currentRequest()?.route ?? 'no context')
    .get('/fixed', 'always the same')
    .get('/broken', () => {
      throw new Error('password=hunter2')
    })
    .post('/things', ({ body }) => body)

const ask = (app: AnyElysia, path: string, init?: RequestInit) =>
  app.handle(new Request(`http://localhost${path}`, init))

const post = (app: AnyElysia, body: string) =>
  ask(app, '/things', { method: 'POST', body, headers: { 'content-type': 'application/json' } })

/** Tests a plugin in every place. */
function everywhere(
  plugin: string,
  make: () => Use,
  check: (app: AnyElysia) => Promise<void>,
  where = places,
) {
  describe(plugin, () => {
    for (const [place, build] of Object.entries(where))
      test(`does its work once, used ${place}`, async () => {
        const use = make()
        await check(build(use, routes))
      })
  })
}

everywhere(
  'securityHeaders()',
  () => (app) => app.use(securityHeaders()),
  async (app) => {
    for (const path of ['/things/1', '/fixed', '/broken', '/none'])
      expect((await ask(app, path)).headers.get('x-content-type-options')).toBe('nosniff')
  },
)

everywhere(
  'rateLimit()',
  () => (app) => app.use(rateLimit({ limit: 2 })),
  async (app) => {
    expect((await ask(app, '/none')).headers.get('ratelimit')).toBe('"global";r=1;t=30')
    expect((await ask(app, '/things/1')).headers.get('ratelimit')).toBe('"global";r=0;t=60')
    const refused = await ask(app, '/fixed')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('30')
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED' })
  },
)

everywhere(
  'problemDetails()',
  () => (app) => app.use(problemDetails()),
  async (app) => {
    const broken = await ask(app, '/broken')
    expect(broken.status).toBe(500)
    expect(await broken.json()).toMatchObject({ code: 'INTERNAL_ERROR', instance: '/broken' })
  },
)

everywhere(
  'saneRequest()',
  () => (app) => app.use(saneRequest()),
  async (app) => {
    const refused = await ask(app, '/things/..%2f1')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ code: 'MALFORMED_REQUEST' })
  },
)

everywhere(
  'cors()',
  () => (app) => app.use(cors({ origins: ['https://app.example'] })),
  async (app) => {
    const { headers } = await ask(app, '/fixed', { headers: { origin: 'https://app.example' } })
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('vary')).toBe('Origin')
  },
)

everywhere(
  'bodyLimit()',
  () => (app) => app.use(bodyLimit({ limit: 20 })),
  async (app) => {
    expect(await (await post(app, '{"a":1}')).json()).toEqual({ a: 1 })
    const refused = await post(app, JSON.stringify('x'.repeat(50)))
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect((await post(app, '{"constructor":1}')).status).toBe(422)
  },
)

everywhere(
  'anomaly()',
  () => {
    const found: string[] = []
    const onFindings = (findings: readonly { readonly kind: string }[]) =>
      found.push(...findings.map(({ kind }) => kind))
    return (app) => app.use(anomaly({ mode: 'block', onFindings })).decorate('found', found)
  },
  async (app) => {
    for (const path of ['/things/1', '/fixed']) {
      const refused = await ask(app, `${path}?name=${encodeURIComponent("' OR 1=1--")}`)
      expect(refused.status).toBe(403)
      expect(await refused.json()).toMatchObject({ code: 'FORBIDDEN' })
    }
    expect(app.decorator.found).toEqual(['sql-injection', 'sql-injection'])
    expect((await ask(app, '/things/1?name=Ada')).status).toBe(200)
  },
)

everywhere(
  'health()',
  () => (app) => app.use(health({ checks: { queue: () => 'it is away' } })),
  async (app) => {
    expect((await ask(app, '/health/live')).status).toBe(200)
    const ready = await ask(app, '/health/ready')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ checks: { queue: { reason: 'it is away' } } })
  },
)

everywhere(
  'requestContext()',
  () => (app) => app.use(requestContext()),
  async (app) => {
    const answer = await ask(app, '/things/1', { headers: { 'x-request-id': 'order-4711' } })
    expect(answer.headers.get('x-request-id')).toBe('order-4711')
    expect(await answer.text()).toBe('/things/:id')
  },
  withoutGroups,
)

everywhere(
  'requestLog()',
  () => {
    const lines: unknown[] = []
    return (app) =>
      app
        .use(requestLog({ on: (level, { route, status }) => lines.push([level, route, status]) }))
        .decorate('lines', lines)
  },
  async (app) => {
    await ask(app, '/things/1')
    await ask(app, '/none')
    expect(app.decorator.lines).toEqual([
      ['info', '/things/:id', 200],
      ['warn', undefined, 404],
    ])
  },
  withoutGroups,
)

test('requestLog() writes a line of plain fields to the log of the process', async () => {
  const lines: string[] = []
  processLog().copyTo((line) => lines.push(line))
  const app = bare().use(requestLog()).use(requestContext()).get('/things/:id', 'thing')
  const id = (await ask(app, '/things/1')).headers.get('x-request-id')
  processLog().copyTo(() => undefined)
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'info',
      time: expect.any(String),
      requestId: id,
      method: 'GET',
      route: '/things/:id',
      path: '/things/:id',
      status: 200,
      durationMs: expect.any(Number),
      msg: 'request',
    },
  ])
})

everywhere(
  'overload()',
  () => (app) => app.use(overload({ maxInFlight: 1 })),
  async (app) => {
    const waiting = Promise.withResolvers<string>()
    app.get('/slow', () => waiting.promise)
    const slow = ask(app, '/slow')
    const refused = await ask(app, '/things/1')
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'OVERLOADED' })
    waiting.resolve('done')
    expect((await slow).status).toBe(200)
    expect((await ask(app, '/things/1')).status).toBe(200)
  },
  withoutGroups,
)

let measured = 0
everywhere(
  'telemetry()',
  () => (app) => app.use(telemetry({ metricsToken: 'a-long-secret' })),
  async (app) => {
    await ask(app, '/things/1')
    measured++
    const headers = { authorization: 'Bearer a-long-secret' }
    const exposition = await (await ask(app, '/metrics', { headers })).text()
    // One telemetry in the process: each of these tests has added one.
    expect(exposition).toMatch(
      new RegExp(`duration_seconds_count\\{[^}]*http_route="/things/:id"[^}]*\\} ${measured}\\n`),
    )
    expect((await ask(app, '/metrics')).status).toBe(401)
  },
  withoutGroups,
)

test('an error of ours that a handler throws is a problem without any hook', async () => {
  const app = new Elysia().get('/', () => {
    throw new NotFoundError('There is no such thing')
  })
  const answer = await ask(app, '/')
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ detail: 'There is no such thing' })
})

test('an app that answers errors hears of what is refused before there is a route', async () => {
  const heard: unknown[] = []
  const onProblem = (problem: { readonly code: string }) => heard.push(problem.code)
  const app = new Elysia()
    .use(rateLimit({ limit: 1 }))
    .use(requestContext())
    .use(problemDetails({ onProblem }))
  await ask(app, '/')
  await ask(app, '/')
  expect(heard).toEqual(['NOT_FOUND', 'RATE_LIMITED'])
})

test('in a group, what wraps requests says that it does part of its work only', async () => {
  const warning = Promise.withResolvers<NodeJS.ErrnoException>()
  process.once('warning', warning.resolve)
  const app = new Elysia().group('/v1', (group) =>
    group
      .use(requestContext())
      .use(overload({ maxInFlight: 1, client: () => 'one' }))
      .get('/', ({ requestContext }) => requestContext.id),
  )
  // What is not counted in, as nothing is in a group, must not add up.
  await ask(app, '/v1')
  const answer = await ask(app, '/v1')
  expect(await answer.text()).toBe(String(answer.headers.get('x-request-id')))
  expect((await warning.promise).code).toBe('CALY_GROUP')
})

test('a handler reads the request itself where the body is of any type', async () => {
  const app = new Elysia()
    .use(bodyLimit({ types: 'any' }))
    .post('/things', async ({ request, body }) => [await request.text(), body])
  expect(await (await post(app, '{"a":1}')).json()).toEqual(['{"a":1}', { a: 1 }])
  const form = new FormData()
  form.append('name', 'Ada')
  const sent = await ask(app, '/things', { method: 'POST', body: form })
  expect(await sent.json()).toEqual([expect.stringContaining('Ada'), { name: 'Ada' }])
})

test('the first checks and the first token are the ones of the app', async () => {
  const app = new Elysia()
    .use(health({ checks: { queue: () => 'it is away' } }))
    .use(health())
    .use(telemetry({ metricsToken: 'a-long-secret' }))
    .use(telemetry({ metricsToken: 'another-secret' }))
  expect((await ask(app, '/health/ready')).status).toBe(503)
  const headers = { authorization: 'Bearer a-long-secret' }
  expect((await ask(app, '/metrics', { headers })).status).toBe(200)
})

test('attacks are seen on routes of a fixed value, too, which Bun would answer by itself', async () => {
  const app = new Elysia()
    .get('/', 'hello')
    .use(anomaly({ mode: 'block' }))
    .listen(0)
  try {
    const attack = `?name=${encodeURIComponent("' OR 1=1--")}`
    const answer = await fetch(`http://127.0.0.1:${app.server?.port}/${attack}`)
    expect(answer.status).toBe(403)
  } finally {
    await app.stop(true)
  }
})

test('clients are told apart by the address of their socket', async () => {
  const app = new Elysia()
    .use(rateLimit({ limit: 1 }))
    .get('/', 'hello')
    .listen(0)
  const { server } = app
  try {
    const url = `http://127.0.0.1:${server?.port}/`
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url)).status).toBe(429)
    expect((await ask(app, '/')).status).toBe(200)
  } finally {
    await app.stop(true)
  }
})

test('OTEL_SDK_DISABLED=true turns the telemetry of a process off', () => {
  const source = new URL('../../src/plugins/telemetry.ts', import.meta.url).href
  const script = `
    import { Elysia } from 'elysia'
    import { telemetry } from '${source}'
    const app = new Elysia().use(telemetry({ metricsToken: 'a-long-secret' })).get('/', () => 'hello')
    await app.handle(new Request('http://localhost/'))
    const headers = { authorization: 'Bearer a-long-secret' }
    const answer = await app.handle(new Request('http://localhost/metrics', { headers }))
    process.stdout.write(await answer.text())
    process.exit(0)`
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    env: { ...process.env, OTEL_SDK_DISABLED: 'true' },
    encoding: 'utf8',
  })
  expect(stdout).toBe('# telemetry is disabled (OTEL_SDK_DISABLED)\n')
})
