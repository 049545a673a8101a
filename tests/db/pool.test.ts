/** The pool, on a real database: who gets a connection when, and what is told about it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Database, openDatabase, type PoolObserver } from '../../db/database.ts'
import type { Lease } from '../../db/pool/index.ts'
import { type databaseSettings, openTestDatabase, type TestDatabase } from '../support/database.ts'

let home: TestDatabase
const opened: Database[] = []

beforeAll(async () => {
  home = await openTestDatabase()
}, 60_000)
afterAll(() => home.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close(100)))
})

/** Another pool on the same database. */
async function open(settings: Partial<typeof databaseSettings>, observer: PoolObserver = {}) {
  const database = await openDatabase({
    settings: { ...home.settings, poolMin: 0, ...settings },
    dataDir: home.dataDir,
    join: true,
    observer,
  })
  opened.push(database)
  return database
}

const hold = (database: Database, count: number) =>
  Promise.all(Array.from({ length: count }, () => database.pool.hold()))
const release = (leases: readonly Lease[]) => {
  for (const lease of leases) lease.release()
}

async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > limitMs) throw new Error(`not so after ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('no more connections are in use than the limit, and the rest waits in order of arrival', async () => {
  const database = await open({ poolMax: 3 })
  const held = await hold(database, 3)
  const order: number[] = []
  const waiting = Array.from({ length: 5 }, async (_, number) => {
    const lease = await database.pool.hold()
    order.push(number)
    expect(database.pool.stats().used).toBeLessThanOrEqual(3)
    lease.release()
  })
  expect(database.pool.stats()).toMatchObject({ limit: 3, used: 3, idle: 0, pending: 5 })
  release(held)
  await Promise.all(waiting)
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(database.pool.stats()).toMatchObject({ used: 0, idle: 3, pending: 0, created: 3 })
})

test('the limit holds while connections break under load, and none is lost count of', async () => {
  const database = await open({ poolMax: 4 })
  const { pool } = database
  let most = 0
  const watch = () => {
    const { used, idle, created, destroyed } = pool.stats()
    most = Math.max(most, used + idle, created - destroyed)
  }
  const workers = Array.from({ length: 30 }, async (_, worker) => {
    for (let round = 0; round < 20; round++) {
      const lease = await pool.hold()
      watch()
      if ((worker + round) % 7 === 0) lease.connection.destroy()
      else await lease.run({ text: 'select 1' }).catch(() => {})
      watch()
      lease.release()
      watch()
    }
  })
  await Promise.all(workers)
  // How near to the limit it comes depends on how fast connections open.
  expect(most).toBeWithin(2, 5)
  const { used, idle, pending, created, destroyed } = pool.stats()
  expect({ used, pending, open: created - destroyed }).toEqual({ used: 0, pending: 0, open: idle })
}, 20_000)

test('a wait that is too long ends with an error that says used, idle and pending', async () => {
  const told: unknown[] = []
  const database = await open(
    { poolMax: 2, connectionTimeout: 200 },
    { onTimeout: (stats) => told.push(stats) },
  )
  const held = await hold(database, 2)
  const start = performance.now()
  const errors = await Promise.all([
    database.client.query('select 1').catch((error) => error),
    database.client.query('select 1').catch((error) => error),
  ])
  expect(performance.now() - start).toBeWithin(195, 600)
  expect(errors[0]).toMatchObject({ name: 'DatabaseUnavailableError', retryable: true })
  expect(errors[0].message).toBe(
    'No database connection became free within 200 ms (2 used, 0 idle, 2 pending)',
  )
  expect(database.pool.stats()).toMatchObject({ pending: 0, timeouts: 2 })
  expect(told).toHaveLength(2)
  release(held)
  await database.client.query('select 1')
})

test('what is over the length of the queue is refused at once', async () => {
  const database = await open({ poolMax: 1 })
  const held = await hold(database, 1)
  const waiting = Array.from({ length: 50 }, () => database.client.query('select 1'))
  const error = await database.client.query('select 1').catch((fault) => fault)
  expect(error.message).toBe(
    'Too much work waits for a database connection (1 used, 0 idle, 50 pending)',
  )
  release(held)
  await Promise.all(waiting)
})

test('the minimum is warm after the start, and comes back when its connections are lost', async () => {
  const database = await open({ poolMax: 5, poolMin: 3 })
  await until(() => database.pool.stats().idle === 3)
  database.pool.distrustIdle()
  expect(database.pool.stats().idle).toBe(0)
  await until(() => database.pool.stats().idle === 3)
  expect(database.pool.stats()).toMatchObject({ created: 6, destroyed: 3 })
})

test('the connection used last is used next, and those left over are closed down to the minimum', async () => {
  const database = await open({ poolMax: 4, poolMin: 2, idleTimeout: 300 })
  const held = await hold(database, 4)
  const last = held.at(-1)?.connection
  release(held)
  for (let i = 0; i < 3; i++) {
    const lease = await database.pool.hold()
    expect(lease.connection).toBe(last as never)
    lease.release()
  }
  await until(() => database.pool.stats().idle === 2)
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(database.pool.stats()).toMatchObject({ idle: 2, used: 0, destroyed: 2 })
  const lease = await database.pool.hold()
  expect(lease.connection).toBe(last as never)
  lease.release()
})

test('wait, use and creation times and slow statements are told, and a failing observer harms nobody', async () => {
  const told: Record<string, unknown[]> = { wait: [], use: [], create: [], slow: [] }
  const tell = (what: string) => (value: unknown) => {
    told[what]?.push(value)
    throw new Error('observer')
  }
  const database = await open(
    { poolMax: 1, slowQuery: 50 },
    {
      onWait: tell('wait'),
      onUse: tell('use'),
      onCreate: tell('create'),
      onSlowQuery: tell('slow'),
    },
  )
  const [lease] = await hold(database, 1)
  const waiting = database.client.query({
    text: 'select pg_sleep(0.1), $1::text as secret',
    values: ['canary'],
  })
  await new Promise((resolve) => setTimeout(resolve, 60))
  lease?.release()
  await waiting
  expect(told['create']).toHaveLength(1)
  expect(told['use']).toHaveLength(2)
  expect(told['wait']).toHaveLength(1)
  expect(told['wait']?.[0]).toBeWithin(40, 500)
  expect(told['slow']).toMatchObject([{ text: 'select pg_sleep(0.1), $1::text as secret' }])
  expect(JSON.stringify(told['slow'])).not.toContain('canary')
})

test('a transaction that holds its connection for long is told once, with where it came from', async () => {
  const told: { heldMs: number; origin: string }[] = []
  const database = await openDatabase({
    settings: { ...home.settings, poolMin: 0 },
    dataDir: home.dataDir,
    join: true,
    heldTooLong: 200,
    observer: { onHeldTooLong: (held) => told.push(held) },
  })
  opened.push(database)
  const lease = await database.pool.hold()
  const labelled = await database.pool.hold({ label: 'nightly job' })
  await until(() => told.length === 2)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  release([lease, labelled])
  expect(told).toHaveLength(2)
  expect(told[0]?.origin).toContain('pool.test.ts')
  expect(told[0]?.heldMs).toBeGreaterThanOrEqual(200)
  expect(told[1]?.origin).toBe('nightly job')
})

test('closing lets work under way finish, refuses new work, and cuts what takes too long', async () => {
  const database = await open({ poolMax: 2 })
  const finishing = database.client.query('select pg_sleep(0.2)')
  const [stuck] = await hold(database, 1)
  const closing = database.pool.close(600)
  const refused = await database.client.query('select 1').catch((error) => error)
  expect(refused).toMatchObject({ message: 'The database connection is closing' })
  await finishing
  await closing
  expect(stuck?.connection.closed).toBe(true)
  expect(await stuck?.run({ text: 'select 1' }).catch((error) => error)).toMatchObject({
    retryable: true,
  })
  stuck?.release()
  expect(database.pool.stats()).toMatchObject({ used: 0, idle: 0 })
})

test('two hundred statements at once over five connections each get their own answer', async () => {
  const database = await open({ poolMax: 5 })
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  const answers = await Promise.all(
    numbers.map((number) =>
      database.client.query({
        text: number % 2 ? 'select $1::int as n' : 'select $1::int as n, 2 as two',
        values: [number],
        ...(number % 3 === 0 && { name: `named_${number % 2}` }),
      }),
    ),
  )
  expect(answers.map(({ rows }) => (rows[0] as { n: number }).n)).toEqual(numbers)
  expect(answers.map(({ fields }) => fields.length)).toEqual(numbers.map((n) => (n % 2 ? 1 : 2)))
})
