/** Three services on one Redis: one quota, and an outage that no client waits for. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { createScratchDatabase } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { type Redis, startRedis } from '../support/redis.ts'

const limit = 100
let redis: Redis
let database: Awaited<ReturnType<typeof createScratchDatabase>>
let services: Caly[]

beforeAll(async () => {
  redis = await startRedis()
  database = await createScratchDatabase()
  const env = {
    DATABASE_URL: database?.url,
    REDIS_URL: redis.url,
    RATE_LIMIT_GLOBAL: `${limit}/1h`,
    METRICS_TOKEN: 'a-token-for-the-scraper-of-this-test',
  }
  const start = () => startCaly({ env })
  // The first makes the tables and the first client, the others find them.
  services = [await start(), ...(await Promise.all([start(), start()]))]
}, 120_000)
afterAll(async () => {
  redis.resume()
  await Promise.all(services.map((service) => service.stop()))
  await database?.drop()
  await redis.kill()
}, 60_000)

const scrape = async (caly: Caly) => {
  const answer = await fetch(new URL('/metrics', caly.baseUrl), {
    headers: { authorization: `Bearer ${caly.env['METRICS_TOKEN']}` },
  })
  return { status: answer.status, body: await answer.text() }
}

test('three replicas let through together what one limit allows, to the request', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 3 * limit }, async (_, i) => {
      const caly = services[i % services.length]
      const answer = await fetch(new URL('/api', caly?.baseUrl))
      await answer.arrayBuffer()
      return answer.status
    }),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(limit)
  expect(statuses.filter((status) => status === 429)).toHaveLength(2 * limit)
})

test('a Redis that hangs under load delays nobody, is told, and is used again by itself', async () => {
  const [caly] = services
  if (caly === undefined) throw new Error('no service')
  const times: number[] = []
  const statuses = new Set<number>()
  let over = false
  const hammer = async () => {
    while (!over) {
      const at = performance.now()
      const answer = await fetch(new URL('/nothing-here', caly.baseUrl))
      await answer.arrayBuffer()
      times.push(performance.now() - at)
      statuses.add(answer.status)
    }
  }
  const load = Array.from({ length: 8 }, hammer)
  await eventually(
    async () => times.length,
    (count) => count > 200,
  )
  redis.hang()
  try {
    const ready = await eventually(
      () => clientOf(caly)('GET', '/health/ready'),
      ({ body }) => body.checks.rateLimits.status === 'warn',
      3000,
    )
    expect(ready.status).toBe(200)
    const during = times.length
    await eventually(
      async () => times.length,
      (count) => count > during + 500,
    )
    redis.resume()
    await eventually(
      () => clientOf(caly)('GET', '/health/ready'),
      ({ body }) => body.checks.rateLimits.status === 'pass',
      5000,
    )
  } finally {
    redis.resume()
    over = true
    await Promise.all(load)
  }
  // Alone for a while this replica had a quota of its own; no request failed.
  expect([...statuses].filter((status) => status !== 404 && status !== 429)).toEqual([])
  const sorted = times.sort((a, b) => a - b)
  expect(sorted[Math.floor(sorted.length * 0.99)]).toBeLessThan(250)
  expect(caly.output()).toContain('Redis is away: each replica counts rate limits alone')
  expect(caly.output()).toContain('rate limits are shared by all replicas')
}, 60_000)

test('operators see in a metric whether the limits are shared', async () => {
  // One whose own counters are unused yet: a scrape is limited too.
  const [, caly] = services
  if (caly === undefined) throw new Error('no service')
  const gauge = async (value: string) =>
    eventually(
      () => scrape(caly),
      ({ body }) => new RegExp(`^caly_rate_limit_shared(\\{.*\\})? ${value}$`, 'm').test(body),
      5000,
    )
  await redis.kill()
  await redis.start()
  await gauge('1')
  redis.hang()
  await fetch(new URL('/api', caly.baseUrl))
  await gauge('0')
  redis.resume()
  await gauge('1')
}, 60_000)
