/** The store that replicas share, on a Redis that goes away in every way. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createClient } from '@redis/client'
import {
  type LimiterStore,
  memoryStore,
  type Policy,
  quota,
  type RedisStore,
  redisStore,
  type Sharing,
} from '../../src/hooks/rate-limit/index.ts'
import { limiterStoreSuite } from '../hooks/rate-limit/suite.ts'
import { eventually } from '../support/process.ts'
import { type Redis, startRedis } from '../support/redis.ts'

let redis: Redis
const stores: RedisStore[] = []
/** What the store opened last has told. */
let heard: { sharing: Sharing; cause: unknown }[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  for (const store of stores) store.close()
  await redis.kill()
})

const refusing: LimiterStore = {
  take: () => ({ allowed: false, remaining: 0, retryAfter: 1, reset: 1 }),
  giveBack: () => undefined,
}

async function open(standIn: LimiterStore = refusing, url = redis.url): Promise<RedisStore> {
  const told: typeof heard = []
  heard = told
  const store = redisStore({
    url,
    standIn,
    onSharing: (sharing, cause) => told.push({ sharing, cause }),
  })
  stores.push(store)
  await store.opened
  return store
}

const shared = (store: RedisStore) =>
  eventually(
    async () => store.sharing,
    (sharing) => sharing === 'shared',
    5000,
  )

let serial = 0
const policy = (limit: number): Policy => ({
  name: `test-${process.pid}-${serial++}`,
  quota: quota(limit, 60_000),
})

describe('with a Redis that answers', () => {
  // The suite opens its stores while it runs; a store of an open connection is as good as a new one.
  let store: RedisStore
  beforeAll(async () => {
    store = await open()
  })
  limiterStoreSuite('redisStore()', () => store)

  test('stores of different processes grant one quota together', async () => {
    const other = await open()
    const hundred = policy(100)
    const verdicts = await Promise.all(
      Array.from({ length: 300 }, (_, i) => (i % 2 ? store : other).take(hundred, 'a', 1)),
    )
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(100)
  })

  test('a script that Redis has forgotten is sent again', async () => {
    const client = await createClient({ url: redis.url }).connect()
    await client.scriptFlush()
    client.destroy()
    expect((await store.take(policy(1), 'a', 1)).allowed).toBe(true)
    expect(store.sharing).toBe('shared')
  })

  test('nothing stays in Redis of a counter that counts no more', async () => {
    const client = await createClient({ url: redis.url }).connect()
    const short: Policy = { name: 'short', quota: quota(1, 100) }
    await store.take(short, 'a', 1)
    expect(await client.exists('caly:limit:short:a')).toBe(1)
    await eventually(
      () => client.exists('caly:limit:short:a'),
      (count) => count === 0,
      2000,
    )
    client.destroy()
  })
})

test('while Redis hangs, the stand-in judges, all who wait included; afterwards Redis does again', async () => {
  const store = await open(memoryStore())
  const connectionsBefore = await redis.connections()
  const two = policy(2)
  redis.hang()
  const verdicts = await Promise.all(Array.from({ length: 20 }, () => store.take(two, 'a', 1)))
  expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(2)
  expect(store.sharing).toBe('alone')
  expect(heard.map(({ sharing }) => sharing)).toEqual(['shared', 'alone'])
  expect(heard[1]?.cause).toBeInstanceOf(Error)
  redis.resume()
  await shared(store)
  expect(heard.map(({ sharing }) => sharing)).toEqual(['shared', 'alone', 'shared'])
  // The connection that hung is gone.
  await eventually(redis.connections, (count) => count <= connectionsBefore, 5000)
})

test('a Redis that dies under waiting requests leaves none of them without a verdict', async () => {
  const store = await open(memoryStore())
  const policies = policy(1000)
  redis.hang()
  const waiting = Array.from({ length: 50 }, () => store.take(policies, 'a', 1))
  await redis.kill()
  const verdicts = await Promise.all(waiting)
  expect(verdicts.every(({ allowed }) => allowed)).toBe(true)
  store.giveBack(policies, 'a', policies.quota.interval)
  await redis.start()
  await shared(store)
})

test('a Redis that is away at the start is joined as soon as it is there', async () => {
  await redis.kill()
  const store = await open(memoryStore())
  expect(store.sharing).toBe('alone')
  expect((await store.take(policy(1), 'a', 1)).allowed).toBe(true)
  await redis.start()
  await shared(store)
  expect(heard.map(({ sharing }) => sharing)).toEqual(['alone', 'shared'])
})

test('what is no Redis, or lets nobody in, is told once, and is not waited for', async () => {
  const url = redis.url.replace('redis://', 'redis://nobody:wrong@')
  const store = await open(memoryStore(), url)
  expect(store.sharing).toBe('alone')
  expect((await store.take(policy(1), 'a', 1)).allowed).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(heard).toHaveLength(1)
  expect(String(heard[0]?.cause)).not.toContain('wrong@')
})

test('a Redis that takes nothing any more is left, told once, and joined when it does again', async () => {
  const store = await open(memoryStore())
  const client = await createClient({ url: redis.url }).connect()
  await client.configSet('maxmemory', '1')
  expect((await store.take(policy(1), 'a', 1)).allowed).toBe(true)
  expect(store.sharing).toBe('alone')
  // Twice the time between two attempts: loading a script would have worked.
  await new Promise((resolve) => setTimeout(resolve, 1200))
  expect(heard.map(({ sharing }) => sharing)).toEqual(['shared', 'alone'])
  await client.configSet('maxmemory', '0')
  await shared(store)
  client.destroy()
})

test('a key that is no counter is judged by the stand-in, and no other', async () => {
  const store = await open(memoryStore())
  const one = policy(1)
  const client = await createClient({ url: redis.url }).connect()
  await client.lPush(`caly:limit:${one.name}:odd`, 'a list')
  client.destroy()
  expect((await store.take(one, 'odd', 1)).allowed).toBe(true)
  expect((await store.take(one, 'odd', 1)).allowed).toBe(false)
  expect(store.sharing).toBe('shared')
})

test('a closed store comes back no more', async () => {
  const store = await open(memoryStore())
  store.close()
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(store.sharing).toBe('alone')
  expect((await store.take(policy(1), 'a', 1)).allowed).toBe(true)
})
