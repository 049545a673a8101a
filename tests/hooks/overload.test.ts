import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { type OverloadOptions, overload } from '../../src/hooks/overload/index.ts'
import { loopLag } from '../../src/hooks/overload/loop-lag.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import { eventually } from '../support/process.ts'

/** Holds up the whole process. */
function blockFor(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** An app with a handler that waits to be let go, and one that holds up the whole process. */
function appWith(options: Partial<OverloadOptions>) {
  const told: string[] = []
  const refused: string[] = []
  const waiting: (() => void)[] = []
  const app = new Elysia()
    .use(
      overload({
        maxInFlight: 1000,
        maxLag: 100,
        exempt: ({ url }) => url.endsWith('/health'),
        onChange: (state, reason) => told.push(`${state}: ${reason}`),
        onRefusal: (reason) => refused.push(reason),
        ...options,
      }),
    )
    .use(problemDetails())
    .get('/health', () => 'well')
    .get('/quick', () => 'here')
    .get('/slow', () => new Promise((resolve) => waiting.push(() => resolve('at last'))))
    .get('/fails', async () => {
      await Promise.resolve()
      throw new Error('It failed')
    })
    .get('/fails-oddly', () => Promise.reject(null))
    .get('/blocks', ({ query }) => {
      blockFor(Number(query['ms']))
      return 'done'
    })
  const letGo = (count = waiting.length) => {
    for (const go of waiting.splice(0, count)) go()
  }
  const ask = async (path: string) => await app.handle(new Request(`http://localhost${path}`))
  return { ask, told, refused, letGo }
}

describe('overload(), by requests in flight', () => {
  test('refuses the one too many at once, and finishes what it let in', async () => {
    const { ask, told, refused, letGo } = appWith({ maxInFlight: 2 })
    const accepted = [ask('/slow'), ask('/slow')]
    const response = await ask('/quick')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.json()).toMatchObject({ code: 'OVERLOADED' })
    expect((await ask('/quick')).status).toBe(503)
    expect(refused).toEqual(['in_flight', 'in_flight'])
    letGo()
    const texts = await Promise.all(accepted.map(async (answer) => (await answer).text()))
    expect(texts).toEqual(['at last', 'at last'])
    expect((await ask('/quick')).status).toBe(200)
    expect(told).toEqual(['begins: in_flight', 'ends: in_flight'])
  })

  test('lets no client have more than its part, and forgets those who have nothing', async () => {
    const { ask, told, refused, letGo } = appWith({
      maxInFlight: 10,
      maxInFlightOfClient: 2,
      client: ({ url }) => new URL(url).searchParams.get('who') ?? undefined,
    })
    const accepted = [ask('/slow?who=a'), ask('/slow?who=a')]
    expect((await ask('/quick?who=a')).status).toBe(503)
    expect((await ask('/quick?who=b')).status).toBe(200)
    expect((await ask('/quick')).status).toBe(200)
    letGo()
    await Promise.all(accepted)
    for (let times = 0; times < 5; times++) expect((await ask('/quick?who=a')).status).toBe(200)
    expect(refused).toEqual(['in_flight_of_client'])
    expect(told).toEqual([])
  })

  test('lets probes in', async () => {
    const { ask, letGo } = appWith({ maxInFlight: 1 })
    const accepted = ask('/slow')
    expect((await ask('/health')).status).toBe(200)
    expect((await ask('/quick')).status).toBe(503)
    letGo()
    await accepted
  })

  test('is not over at every breath: only when a fifth of the limit is free', async () => {
    const { ask, told, letGo } = appWith({ maxInFlight: 10 })
    const accepted = Array.from({ length: 10 }, () => ask('/slow'))
    for (let times = 0; times < 3; times++) expect((await ask('/quick')).status).toBe(503)
    letGo(1)
    await Promise.race(accepted)
    accepted.push(ask('/slow'))
    expect((await ask('/quick')).status).toBe(503)
    expect(told).toEqual(['begins: in_flight'])
    letGo()
    await Promise.all(accepted)
    expect(told).toEqual(['begins: in_flight', 'ends: in_flight'])
  })

  test('forgets requests that fail, and those to paths that are not there', async () => {
    const { ask } = appWith({ maxInFlight: 1 })
    for (let times = 0; times < 5; times++) {
      expect((await ask('/fails')).status).toBe(500)
      expect(await ask('/fails-oddly').catch(() => 'nothing')).toBe('nothing')
      expect((await ask('/nothing-here')).status).toBe(404)
    }
    expect((await ask('/quick')).status).toBe(200)
  })
})

describe("overload(), by the event loop's lag", () => {
  const statusOf = async (ask: (path: string) => Promise<Response>) => (await ask('/quick')).status
  const turn = () => new Promise((resolve) => setTimeout(resolve, 10))

  test('refuses after the loop was blocked, lets probes in, and recovers by itself', async () => {
    const { ask, told, refused } = appWith({})
    await ask('/blocks?ms=800')
    await eventually(
      () => statusOf(ask),
      (status) => status === 503,
    )
    expect((await ask('/health')).status).toBe(200)
    // No more requests: it finds out by itself that it is over.
    await eventually(
      async () => told,
      (all) => all.length === 2,
    )
    expect(told).toEqual(['begins: event_loop_lag', 'ends: event_loop_lag'])
    expect(await statusOf(ask)).toBe(200)
    expect(new Set(refused)).toEqual(new Set(['event_loop_lag']))
  })

  test('rides out a short block', async () => {
    const { ask, told } = appWith({ maxLag: 150 })
    await ask('/blocks?ms=300')
    for (let turns = 0; turns < 20; turns++) {
      expect(await statusOf(ask)).toBe(200)
      await turn()
    }
    expect(told).toEqual([])
  })

  test('holds nobody responsible for what went on while nothing was asked', async () => {
    const { ask, told } = appWith({ maxLag: 150 })
    await ask('/quick')
    // The looks that the request began come to an end.
    for (let turns = 0; turns < 30; turns++) await turn()
    blockFor(1500)
    await ask('/blocks?ms=300')
    for (let turns = 0; turns < 10; turns++) expect(await statusOf(ask)).toBe(200)
    for (let turns = 0; turns < 10; turns++) await turn()
    expect(told).toEqual([])
  })

  test('forgets while nothing is asked', async () => {
    let looks = 0
    const lag = loopLag(
      () => false,
      () => looks++,
    )
    lag.touch()
    blockFor(300)
    await eventually(
      async () => looks,
      (count) => count === 2,
    )
    const before = lag.average
    expect(before).toBeGreaterThan(20)
    blockFor(1000)
    lag.touch()
    expect(lag.average).toBeLessThan(before / 2)
  })
})

test('Two overload()s count by themselves', async () => {
  const open = Promise.withResolvers<string>()
  const client = () => 'someone'
  const app = new Elysia()
    .use(overload({ maxInFlight: 50, maxInFlightOfClient: 3, client }))
    .use(overload({ maxInFlight: 60, maxInFlightOfClient: 40, client }))
    .get('/slow', () => open.promise)
    .get('/quick', () => 'done')
  const slow = app.handle(new Request('http://localhost/slow'))
  for (let turn = 0; turn < 8; turn++)
    expect((await app.handle(new Request('http://localhost/quick'))).status).toBe(200)
  open.resolve('done')
  await slow
})

test('overload() refuses limits that are none', () => {
  expect(() => overload({ maxInFlight: 0, maxLag: 1 })).toThrow('maxInFlight')
  expect(() => overload({ maxInFlight: 1, maxLag: Number.NaN })).toThrow('maxLag')
})
