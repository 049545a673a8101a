import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import {
  addressKey,
  gcra,
  memoryStore,
  quota,
  rateLimit,
} from '../../src/hooks/rate-limit/index.ts'

const second = 1_000_000

describe('gcra()', () => {
  test('grants the whole quota at once, then refuses and names the wait', () => {
    const tenAMinute = quota(10, 60_000)
    let tat: number | undefined
    for (let left = 9; left >= 0; left--) {
      const verdict = gcra(tenAMinute, tat, 0)
      expect(verdict).toMatchObject({ allowed: true, remaining: left })
      tat = verdict.tat
    }
    const refused = gcra(tenAMinute, tat, 0)
    expect(refused).toMatchObject({ allowed: false, remaining: 0, retryAfter: 6 * second })
    expect(gcra(tenAMinute, refused.tat, 6 * second).allowed).toBe(true)
    expect(gcra(tenAMinute, refused.tat, 6 * second - 1).allowed).toBe(false)
  })

  test('charges a refused request nothing', () => {
    const one = quota(1, 1000)
    const { tat } = gcra(one, undefined, 0)
    expect(gcra(one, tat, 1).tat).toBe(tat)
  })

  test('counts a request of a higher cost several times', () => {
    const { remaining, tat } = gcra(quota(10, 1000), undefined, 0, 4)
    expect(remaining).toBe(6)
    expect(gcra(quota(10, 1000), tat, 0, 7).allowed).toBe(false)
  })

  test('grants the last request of a quota whose interval is no round number', () => {
    const seven = quota(7, 1000)
    let tat: number | undefined
    let granted = 0
    for (let i = 0; i < 8; i++) {
      const verdict = gcra(seven, tat, 1_795_000_000 * second)
      if (verdict.allowed) granted++
      tat = verdict.tat
    }
    expect(granted).toBe(7)
  })
})

describe('memoryStore()', () => {
  test('keeps no more keys than it may, and lets a flood push out nobody', async () => {
    const store = memoryStore({ maxKeys: 100, now: () => 0 })
    const two = quota(2, 60_000)
    await store.take('victim', two, 1)
    await store.take('victim', two, 1)
    for (let i = 0; i < 1000; i++) await store.take(`flood-${i}`, two, 1)
    expect((await store.take('victim', two, 1)).allowed).toBe(false)
    // Newcomers share one bucket, which the flood has emptied.
    expect((await store.take('newcomer', two, 1)).allowed).toBe(false)
  })

  test('makes place once what it kept no longer counts', async () => {
    let now = 0
    const store = memoryStore({ maxKeys: 10, now: () => now })
    const one = quota(1, 1000)
    for (let i = 0; i < 10; i++) await store.take(`old-${i}`, one, 1)
    expect((await store.take('early', one, 1)).allowed).toBe(true)
    expect((await store.take('late', one, 1)).allowed).toBe(false)
    now = 1000
    expect((await store.take('new', one, 1)).allowed).toBe(true)
    expect((await store.take('newer', one, 1)).allowed).toBe(true)
  })
})

describe('addressKey()', () => {
  const cases = [
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2ff::1', '2001:db8:1:200::/56'],
    ['2001:db8:1:2aa:bbbb:cccc:dddd:eeee', '2001:db8:1:200::/56'],
    ['2001:db8:1:300::1', '2001:db8:1:300::/56'],
    ['::1', '0:0:0:000::/56'],
  ] as const
  for (const [address, key] of cases)
    test(`counts ${address} as ${key}`, () => expect(addressKey(address)).toBe(key))
})

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
          onLimited: (policy, key) => refusals.push(`${policy} ${key}`),
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
    expect(refusals).toEqual(['test a'])
    expect((await ask('/', 'b')).status).toBe(200)
  })

  test('counts unknown paths too, and leaves alone whoever has no key', async () => {
    const { ask } = limited()
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await ask('/nothing-here', 'c')).status)
    expect(statuses).toEqual([404, 404, 429])
    for (let i = 0; i < 3; i++) expect((await ask('/')).status).toBe(200)
  })
})
