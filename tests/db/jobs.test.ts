import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type Jobs, openJobs } from '../../db/jobs.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let test1: TestDatabase
let replicas: Jobs[]
const errors: unknown[] = []
beforeAll(async () => {
  test1 = await openTestDatabase()
  const { database } = test1
  const onError = (error: unknown) => void errors.push(error)
  replicas = await Promise.all(Array.from({ length: 10 }, () => openJobs({ database, onError })))
})
afterAll(async () => {
  await Promise.all(replicas.map((jobs) => jobs.stop(1000)))
  await test1.close()
})

const [first, second] = [() => replicas[0] as Jobs, () => replicas[1] as Jobs]
const { promise: never } = Promise.withResolvers<void>()

async function rows(text: string, values: readonly unknown[] = []) {
  const result = await test1.database.client.query(text, values)
  return [...result.rows] as Record<string, unknown>[]
}

test('ten replicas that start together make the tables once', async () => {
  expect(await rows('select version from pgboss.version')).toHaveLength(1)
})

test('a job starts at once in the process that sent it, and runs once over all replicas', async () => {
  const ran: string[] = []
  const done = Promise.withResolvers<void>()
  for (const jobs of replicas.slice(0, 4))
    await jobs.work<{ name: string }>(
      'once',
      async ({ data }) => {
        if (ran.push(data.name) === 40) done.resolve()
      },
      { concurrency: 2 },
    )
  const started = performance.now()
  await test1.database.db.transaction(async (tx) => {
    for (let index = 0; index < 40; index += 1)
      await first().send(tx, 'once', { name: String(index) })
  })
  first().wake('once')
  await done.promise
  // Other processes look once a second; this one did not have to wait for that.
  expect(performance.now() - started).toBeLessThan(5000)
  expect(new Set(ran).size).toBe(40)
  expect(await rows(`select 1 from pgboss.job where name = 'once' and retry_count > 0`)).toEqual([])
})

test('of a key one job waits at a time; once that runs, another may wait', async () => {
  const running = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const ran: string[] = []
  await first().work<{ name: string }>(
    'keyed',
    async ({ data }) => {
      ran.push(data.name)
      running.resolve()
      await release.promise
    },
    { keyed: true },
  )
  const send = async (name: string) => {
    await test1.database.db.transaction((tx) => first().send(tx, 'keyed', { name }, { key: 'a' }))
    first().wake('keyed')
  }
  await send('runs')
  await running.promise
  await send('waits')
  await send('is not added')
  release.resolve()
  await eventually(
    async () => ran.length,
    (count) => count === 2,
  )
  const left = await rows(
    `select count(*)::int as count from pgboss.job where name = 'keyed' and state = 'created'`,
  )
  expect(left).toEqual([{ count: 0 }])
  expect(ran).toEqual(['runs', 'waits'])
})

test('a job whose transaction is rolled back never was', async () => {
  await first().work('rolled-back', async () => {})
  const undone = test1.database.db.transaction(async (tx) => {
    await first().send(tx, 'rolled-back', {})
    throw new Error('undo')
  })
  expect(await undone.catch(String)).toBe('Error: undo')
  expect(await rows(`select 1 from pgboss.job where name = 'rolled-back'`)).toEqual([])
})

test('a failing job is tried again, then given up, and what is kept of it names no value', async () => {
  const attempts: boolean[] = []
  const given = Promise.withResolvers<void>()
  await first().work(
    'failing',
    async ({ last }) => {
      attempts.push(last)
      if (last) given.resolve()
      throw Object.assign(new TypeError('the number is +919999900001'), { code: 'E_TEST' })
    },
    { retries: 1, retryDelay: 1 },
  )
  await first().send(test1.database.db, 'failing', {})
  first().wake('failing')
  await given.promise
  expect(attempts).toEqual([false, true])
  let kept: Record<string, unknown>[] = []
  while (kept.length === 0)
    kept = await rows(
      `select output::text as output from pgboss.job where name = 'failing' and state = 'failed'`,
    )
  expect(kept[0]?.['output']).toContain('TypeError (E_TEST)')
  expect(kept[0]?.['output']).not.toContain('9999900001')
  // Whoever asked to hear of errors is told all.
  expect(errors.splice(0).map(String)).toEqual([
    'TypeError: the number is +919999900001',
    'TypeError: the number is +919999900001',
  ])
})

test('a job whose time is up has its signal aborted', async () => {
  const aborted = Promise.withResolvers<void>()
  await first().work(
    'slow',
    async ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      await Promise.race([never, aborted.promise])
    },
    { timeout: 1, retries: 0 },
  )
  await first().send(test1.database.db, 'slow', {})
  first().wake('slow')
  await aborted.promise
  errors.splice(0)
})

test('an interval runs its job once a slot, however many replicas ask', async () => {
  const times: number[] = []
  const third = Promise.withResolvers<void>()
  for (const jobs of replicas.slice(0, 4))
    await jobs.work('interval', async () => {
      if (times.push(Date.now()) === 3) third.resolve()
    })
  for (const jobs of replicas.slice(0, 4)) jobs.every('interval', 1)
  await third.promise
  expect(await rows(`select 1 from pgboss.job where name = 'interval'`)).toHaveLength(3)
})

test('a stop lets a running job finish', async () => {
  const running = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  let finished = false
  await second().work('stopping', async () => {
    running.resolve()
    await finish.promise
    finished = true
  })
  await second().send(test1.database.db, 'stopping', {})
  second().wake('stopping')
  await running.promise
  const stopped = second().stop(5000)
  setTimeout(finish.resolve, 50)
  await stopped
  expect(finished).toBe(true)
  const [job] = await rows(`select state::text from pgboss.job where name = 'stopping'`)
  expect(job?.['state']).toBe('completed')
})

test('nothing went wrong unseen', () => expect(errors).toEqual([]))
