import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { NotFoundError } from '../../../src/errors.ts'
import { problemDetails } from '../../../src/hooks/problem-details/index.ts'
import {
  limiter,
  memoryStore,
  quota,
  rateLimit,
  routeLimits,
} from '../../../src/hooks/rate-limit/index.ts'

describe('rateLimit()', () => {
  const limited = () => {
    const refusals: string[] = []
    const app = new Elysia()
      .use(
        rateLimit({
          name: 'test',
          quota: quota(2, 60_000),
          store: memoryStore(),
          key: (request) => request.headers.get('x-who') ?? undefined,
          onLimited: ({ policy, key, window }) => refusals.push(`${policy} ${key} ${window}`),
        }),
      )
      .use(problemDetails())
      .get('/', () => 'here')
    const ask = (path: string, who?: string) =>
      app.handle(
        new Request(
          `http://localhost${path}`,
          who === undefined ? {} : { headers: { 'x-who': who } },
        ),
      )
    return { ask, refusals }
  }

  test('tells the quota in both families of headers, and answers 429 beyond it', async () => {
    const { ask, refusals } = limited()
    const first = await ask('/', 'a')
    expect(first.headers.get('ratelimit-policy')).toBe('"test";q=2;w=60')
    expect(first.headers.get('ratelimit')).toBe('"test";r=1;t=30')
    expect(first.headers.get('x-ratelimit-limit')).toBe('2')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1')
    await ask('/', 'a')
    const refused = await ask('/', 'a')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('30')
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 })
    expect(refusals).toEqual(['test a 60000'])
    expect((await ask('/', 'b')).status).toBe(200)
  })

  test('counts unknown paths too, and leaves alone whoever has no key', async () => {
    const { ask } = limited()
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await ask('/nothing-here', 'c')).status)
    expect(statuses).toEqual([404, 404, 429])
    for (let i = 0; i < 3; i++) expect((await ask('/')).status).toBe(200)
  })

  test('costs nothing at any limit where one of them refuses, and names the longest wait', async () => {
    const store = memoryStore()
    const key = () => 'someone'
    const wide = { name: 'wide', quota: quota(3, 60_000), store, key }
    const narrow = { name: 'narrow', quota: quota(1, 100_000), store, key }
    const app = new Elysia()
      .use(rateLimit(wide))
      .use(problemDetails())
      .use(rateLimit({ ...narrow, stage: 'transform' }))
      .get('/', () => 'here')
    const ask = () => app.handle(new Request('http://localhost/'))
    expect((await ask()).status).toBe(200)
    for (let i = 0; i < 5; i++) expect((await ask()).headers.get('retry-after')).toBe('100')
    expect(await store.take(wide, 'someone', 1)).toMatchObject({ allowed: true, remaining: 1 })

    const both = new Elysia()
      .use(
        rateLimit({
          ...wide,
          beside: () => [{ policy: narrow, key: 'someone', cost: 1 }],
        }),
      )
      .use(problemDetails())
      .get('/', () => 'here')
    expect((await both.handle(new Request('http://localhost/'))).status).toBe(200)
    const refused = await both.handle(new Request('http://localhost/'))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('100')
  })

  test('earns nobody a second quota by requests that are refused late', async () => {
    const store = memoryStore()
    const key = () => 'someone'
    const gate = Promise.withResolvers<void>()
    const refused = limiter({ name: 'refused', quota: quota(1, 3_600_000), store, key })
    const app = new Elysia()
      .use(rateLimit({ name: 'wide', quota: quota(5, 500), store, key }))
      .use(problemDetails())
      .get('/fast', () => 'fast')
      .onTransform(async ({ path }) => {
        if (path === '/slow') await gate.promise
      })
      .use(routeLimits({ refused }))
      .get('/slow', () => 'slow', { limit: { by: 'refused' } })
    const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
    const slow = Array.from({ length: 5 }, () => ask('/slow'))
    // What they were charged has flown off by the time they are refused.
    await new Promise((resolve) => setTimeout(resolve, 600))
    for (let i = 0; i < 5; i++) expect((await ask('/fast')).status).toBe(200)
    gate.resolve()
    const late = (await Promise.all(slow)).map(({ status }) => status)
    expect(late.filter((status) => status === 429)).toHaveLength(4)
    expect((await ask('/fast')).status).toBe(429)
  })

  test('only looks at the limits beside it', async () => {
    const store = memoryStore()
    const key = () => 'someone'
    const first = { name: 'first', quota: quota(1, 60_000), store, key }
    const other = { name: 'other', quota: quota(3, 60_000) }
    const app = new Elysia()
      .use(rateLimit({ ...first, beside: () => [{ policy: other, key: 'someone', cost: 1 }] }))
      .use(problemDetails())
    for (let i = 0; i < 5; i++) await app.handle(new Request('http://localhost/'))
    expect(await store.take(other, 'someone', 1)).toMatchObject({ allowed: true, remaining: 2 })
  })

  test('shows the tightest of several limits where there is room for one', async () => {
    const store = memoryStore()
    const key = () => 'someone'
    const app = new Elysia()
      .use(rateLimit({ name: 'narrow', quota: quota(3, 60_000), store, key }))
      .use(rateLimit({ name: 'wide', quota: quota(90, 60_000), store, key }))
      .use(problemDetails())
    const { headers } = await app.handle(new Request('http://localhost/'))
    expect(headers.get('ratelimit')).toBe('"narrow";r=2;t=20, "wide";r=89;t=1')
    expect(headers.get('x-ratelimit-limit')).toBe('3')
    expect(headers.get('x-ratelimit-remaining')).toBe('2')
    expect(headers.get('x-ratelimit-reset')).toBe('20')
  })

  test('lets through what costs more than the whole quota once all of it is there', async () => {
    const tight = limiter({
      name: 'tight',
      quota: quota(2, 60_000),
      store: memoryStore(),
      key: () => 'someone',
    })
    const app = new Elysia()
      .use(problemDetails())
      .use(routeLimits({ tight }))
      .get('/', () => 'here', { limit: { by: 'tight', cost: 5 } })
    expect((await app.handle(new Request('http://localhost/'))).status).toBe(200)
    expect((await app.handle(new Request('http://localhost/'))).headers.get('retry-after')).toBe(
      '60',
    )
  })

  test('charges a route by its template', async () => {
    const app = new Elysia()
      .use(
        rateLimit({
          name: 'weighed',
          quota: quota(10, 60_000),
          store: memoryStore(),
          key: () => 'someone',
          stage: 'transform',
          costs: { '/heavy/:id': 7 },
        }),
      )
      .use(problemDetails())
      .get('/heavy/:id', () => 'heavy')
      .get('/light', () => 'light')
    const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
    expect((await ask('/heavy/1')).headers.get('x-ratelimit-remaining')).toBe('3')
    expect((await ask('/light')).headers.get('x-ratelimit-remaining')).toBe('2')
    expect((await ask('/heavy/2')).status).toBe(429)
    expect((await ask('/light')).headers.get('x-ratelimit-remaining')).toBe('1')
  })

  test('refuses a name that no header could carry', () => {
    const options = { quota: quota(1, 1000), store: memoryStore(), key: () => 'someone' }
    expect(() => rateLimit({ name: 'Two words', ...options })).toThrow(RangeError)
  })
})

describe('routeLimits()', () => {
  test('lets a route name its own limit, and charges what failed more than what went well', async () => {
    const store = memoryStore()
    const tries = limiter({ name: 'tries', quota: quota(4, 60_000), store, key: () => 'someone' })
    const limit = { by: 'tries', cost: 2, costOfSuccess: 1 } as const
    const app = new Elysia()
      .use(problemDetails())
      .use(routeLimits({ tries }))
      .get('/good', () => 'good', { limit })
      .get(
        '/bad',
        () => {
          throw new NotFoundError('There is nothing here')
        },
        { limit },
      )
      .get('/free', () => 'free')
    const ask = async (path: string) => {
      const { status, headers } = await app.handle(new Request(`http://localhost${path}`))
      return [status, headers.get('x-ratelimit-remaining')]
    }
    expect(await ask('/good')).toEqual([200, '2'])
    expect(await ask('/bad')).toEqual([404, '1'])
    expect(await ask('/good')).toEqual([429, '0'])
    expect(await ask('/free')).toEqual([200, null])
  })
})
