/** What metrics tell of the database's contents: read now and then, within bounds, and not for ever. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { jobFigures } from '../../db/job-figures.ts'
import { type Jobs, openJobs } from '../../db/jobs.ts'
import { createKeyring } from '../../db/keyring.ts'
import { calls, clients } from '../../db/schema/index.ts'
import { directTrail, rowMacs, sealKeys, sealLag, sealOnce } from '../../src/audit/index.ts'
import { openCallCounts } from '../../src/calls/index.ts'
import { openFigures } from '../../src/service/figures.ts'
import { entryOf, trailClientId } from '../support/audit/trail.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

setDefaultTimeout(60_000)

let home: TestDatabase
let jobs: Jobs
beforeAll(async () => {
  home = await openTestDatabase()
  jobs = await openJobs({ database: home.database })
})
afterAll(async () => {
  await jobs.stop(2000)
  await home.close()
})

const keyring = createKeyring([randomBytes(32).toString('hex')])
const db = () => home.database.db

test('open calls are counted by status, without those that are over and those that are erased', async () => {
  const [client] = await db().insert(clients).values({ name: 'one' }).returning()
  if (client === undefined) throw new Error('no client')
  const common = { clientId: client.id, direction: 'outbound', provider: 'none' } as const
  const call = (status: 'queued' | 'in-progress' | 'failed', erased = false) => ({
    ...{ ...common, id: uuidv7(), status, erasedAt: erased ? new Date() : null },
  })
  expect(await openCallCounts(db())).toEqual({ queued: 0, ringing: 0, 'in-progress': 0 })
  await db()
    .insert(calls)
    .values([call('queued'), call('queued'), call('in-progress'), call('failed')])
  await db().insert(calls).values(call('queued', true))
  expect(await openCallCounts(db())).toEqual({ queued: 2, ringing: 0, 'in-progress': 1 })
})

test('jobs are counted by queue and state, and the wait is that of the oldest that could run', async () => {
  const held = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  await jobs.work('figures.held', async () => {
    started.resolve()
    await held.promise
  })
  await jobs.work(
    'figures.failing',
    async () => {
      throw new Error('no')
    },
    { retries: 0 },
  )
  const of = async (queue: string) => {
    const all = await jobFigures(db())
    expect(all.map(({ queue }) => queue)).toEqual(all.map(({ queue }) => queue).sort())
    return all.find((figures) => figures.queue === queue)
  }
  expect(await of('figures.held')).toMatchObject({ jobs: { created: 0, active: 0 }, waited: 0 })
  await jobs.send(db(), 'figures.held', {})
  await jobs.send(db(), 'figures.failing', {})
  jobs.wake('figures.held')
  jobs.wake('figures.failing')
  await started.promise
  // One runs at a time: the next one waits, and one that is for later does not.
  await jobs.send(db(), 'figures.held', {})
  await jobs.send(db(), 'figures.held', {}, { delay: 3600 })
  const waiting = await eventually(
    () => of('figures.held'),
    (figures) => (figures?.waited ?? 0) > 0.05,
  )
  expect(waiting?.jobs).toMatchObject({ created: 2, retry: 0, active: 1, failed: 0 })
  expect(waiting?.waited).toBeLessThan(30)
  await eventually(
    () => of('figures.failing'),
    (figures) => figures?.jobs.failed === 1,
  )
  held.resolve()
  await eventually(
    () => of('figures.held'),
    (figures) => figures?.jobs.active === 0 && figures.waited === 0,
  )
  // What is over is counted by pg-boss, the first time 10 s after its start.
  await db().execute(sql`update pgboss.queue set retained_count = 7 where name = 'figures.held'`)
  expect((await of('figures.held'))?.jobs.completed).toBeGreaterThanOrEqual(7)
})

test('the lag of sealing is the age of the oldest row without a seal', async () => {
  const { client } = home.database
  const early = Date.now() - 90_000
  const trail = directTrail({
    ...{ client, keyring, platformClientId: () => trailClientId },
    now: () => early,
  })
  const lag = () => db().transaction((tx) => sealLag(tx))
  const seal = async () => {
    const maker = { client, keys: await sealKeys(keyring), macs: rowMacs(keyring), now: Date.now }
    while ((await sealOnce(maker)).more);
  }
  await seal()
  expect(await lag()).toBe(0)
  await trail.record(entryOf('one'))
  expect(await lag()).toBeGreaterThan(89)
  expect(await lag()).toBeLessThan(150)
  await eventually(
    async () => {
      await seal()
      return await lag()
    },
    (seconds) => seconds === 0,
  )
  await trail.record(entryOf('two'))
  expect(await lag()).toBeGreaterThan(89)
})

/** Figures by a clock of the test's. */
function open({ database = home.database, timeLimit = 200 } = {}) {
  const errors: unknown[] = []
  let now = 0
  const figures = openFigures({
    database,
    timeLimit,
    interval: 60_000,
    clock: () => now,
    onError: (error) => errors.push(error),
  })
  return {
    figures,
    errors,
    ahead(milliseconds: number) {
      now += milliseconds
    },
  }
}

test('a figure is what was read last, and is not told any more three minutes later', async () => {
  const { figures, ahead } = open()
  let value = 1
  const figure = figures.add(async () => value)
  expect(figure.current()).toBeUndefined()
  await figures.start()
  value = 2
  expect(figure.current()).toBe(1)
  await figure.refresh()
  expect(figure.current()).toBe(2)
  ahead(179_999)
  expect(figure.current()).toBe(2)
  ahead(1)
  expect(figure.current()).toBeUndefined()
  await figures.close()
})

test('whoever reads figures can change nothing', async () => {
  const { figures, errors } = open()
  figures.add((tx) => tx.execute(sql`delete from clients`))
  await figures.start()
  expect(errors).toMatchObject([{ code: '25006' }])
  await figures.close()
})

test('while the database is away nothing is asked after the first figure, and that is told once', async () => {
  const other = await openTestDatabase()
  await other.close()
  const { figures, errors } = open({ database: other.database })
  let asked = 0
  const add = () =>
    figures.add(async () => {
      asked += 1
    })
  const [one] = [add(), add()]
  await figures.start()
  await one.refresh()
  expect(errors).toHaveLength(1)
  expect(asked).toBe(0)
  expect(one.current()).toBeUndefined()
  await figures.close()
})
