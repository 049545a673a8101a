/** What users of the pool see when a PostgreSQL server, or the network to it, fails. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import postgres from 'postgres'
import { type Database, openDatabase } from '../../db/database.ts'
import { DatabaseUnavailableError } from '../../db/errors.ts'
import { createDatabase, databaseSettings } from '../support/database.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

const server = process.env['TEST_DATABASE_URL']
if (server === undefined) throw new Error('tests/postgres needs TEST_DATABASE_URL')

let scratch: Awaited<ReturnType<typeof createDatabase>>
let admin: postgres.Sql
let proxy: TcpProxy
let database: Database
let broken: Error[]

beforeAll(async () => {
  scratch = await createDatabase(server)
  admin = postgres(scratch.url, { max: 1, onnotice: () => {} })
})
afterAll(async () => {
  await admin.end()
  await scratch.drop()
})
beforeEach(async () => {
  broken = []
  proxy = await tcpProxy(server)
  database = await open({})
})
afterEach(async () => {
  await database.close(100)
  await proxy.close()
})

const open = (settings: Partial<typeof databaseSettings>) =>
  openDatabase({
    settings: {
      ...databaseSettings,
      poolMax: 10,
      poolMin: 3,
      url: proxy.through(scratch.url),
      ...settings,
    },
    dataDir: '/nonexistent',
    observer: { onBroken: (error) => broken.push(error) },
  })

const ping = (of = database) => of.client.query('select 1 as one')
const settled = (count: number, of = database) =>
  Promise.allSettled(Array.from({ length: count }, () => ping(of)))
const failures = (results: PromiseSettledResult<unknown>[]) =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))

async function until(condition: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> {
  const start = performance.now()
  while (!(await condition())) {
    if (performance.now() - start > limitMs) throw new Error(`not so after ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Asks until all of many statements at once succeed; the milliseconds that it took. */
async function untilWell(limitMs: number): Promise<number> {
  const start = performance.now()
  for (;;) {
    if (failures(await settled(20)).length === 0) return performance.now() - start
    if (performance.now() - start > limitMs) throw new Error(`not well after ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test('PostgreSQL: traffic swallowed for 15 s fails its statements, and all is well within 10 s of its return', async () => {
  await settled(10)
  const works = Promise.allSettled(
    Array.from({ length: 5 }, () => database.client.query('select pg_sleep(0.3)')),
  )
  await proxy.set('swallow')
  const during = settled(60)
  await new Promise((resolve) => setTimeout(resolve, 15_000))
  await proxy.set('pass')
  const recovery = await untilWell(10_000)
  for (const error of failures([...(await works), ...(await during)])) {
    expect(error).toBeInstanceOf(DatabaseUnavailableError)
    expect(error.retryable).toBe(true)
  }
  expect(recovery).toBeLessThan(10_000)
  expect(database.pool.stats()).toMatchObject({ used: 0, pending: 0 })
}, 60_000)

test('PostgreSQL: a statement that the server is working on is left alone, however long it takes', async () => {
  const { rows } = await database.client.query('select pg_sleep(4)::text as slept')
  expect(rows).toEqual([{ slept: '' }])
  expect(broken).toEqual([])
}, 20_000)

test('PostgreSQL: a statement that waits for a lock is left alone', async () => {
  await admin`create table if not exists locked (n int)`
  const locked = admin.begin(async (sql) => {
    await sql`lock table locked`
    await sql`select pg_sleep(4)`
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const { rows } = await database.client.query('select count(*)::int as n from locked')
  await locked
  expect(rows).toEqual([{ n: 0 }])
}, 20_000)

test('PostgreSQL: when the server ends every connection, later statements succeed and nothing is unhandled', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
  await settled(10)
  const cut = database.client.query('select pg_sleep(5)').catch((error) => error)
  const cutTransaction = database.db
    .transaction(async (tx) => {
      await tx.execute('select 1')
      await tx.execute('select pg_sleep(5)')
    })
    .catch((error) => error)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`
  for (const error of [await cut, await cutTransaction])
    expect(error).toMatchObject({ name: 'DatabaseUnavailableError', outcomeUnknown: true })
  await untilWell(2000)
  expect(database.pool.stats()).toMatchObject({ used: 0, pending: 0 })
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
  expect(unhandled).toEqual([])
}, 20_000)

test('PostgreSQL: a restart of a second costs waiting statements a pause, not an error', async () => {
  await settled(10)
  await proxy.set('refuse')
  await until(() => database.pool.stats().idle === 0)
  const results = settled(20)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  await proxy.set('pass')
  expect(failures(await results)).toEqual([])
  expect(failures(await settled(20))).toEqual([])
}, 20_000)

test('PostgreSQL: while nothing listens, work fails within seconds instead of the whole wait', async () => {
  await proxy.set('refuse')
  await until(() => database.pool.stats().idle === 0)
  const start = performance.now()
  const errors = failures(await settled(20))
  expect(performance.now() - start).toBeLessThan(5000)
  expect(errors.length).toBe(20)
  for (const error of errors) expect(error).toMatchObject({ retryable: true, code: 'ECONNREFUSED' })
  await proxy.set('pass')
  await untilWell(3000)
}, 20_000)

test('PostgreSQL: a statement over the limit is ended by the server, and its connection goes on', async () => {
  const strict = await open({ statementTimeout: 300, poolMax: 1, poolMin: 1 })
  try {
    const error = await strict.client.query('select pg_sleep(5)').catch((fault) => fault)
    expect(error).toMatchObject({ name: 'QueryError', code: '57014', retryable: true })
    await ping(strict)
    expect(strict.pool.stats()).toMatchObject({ created: 1, destroyed: 0 })
  } finally {
    await strict.close()
  }
})

test('PostgreSQL: a thousand checks a second cost two statements a second at most', async () => {
  await database.migrate()
  await database.close()
  await until(async () => (await checkStatements()) > 0)
  const before = await checkStatements()
  const checked = await open({})
  let checks = 0
  const start = performance.now()
  while (performance.now() - start < 2000) {
    await Promise.all(Array.from({ length: 20 }, () => checked.check()))
    checks += 20
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(await checked.check()).toMatchObject({ status: 'pass', migrated: true })
  // A session tells its statistics when it ends.
  await checked.close()
  await until(async () => (await checkStatements()) > before)
  expect(checks).toBeGreaterThan(1000)
  expect((await checkStatements()) - before).toBeLessThanOrEqual(6)
}, 20_000)

/** How often the table was looked at that a check looks at once. */
async function checkStatements(): Promise<number> {
  const [row] = await admin`select (seq_scan + idx_scan)::int as n from pg_stat_user_tables
    where relname = 'caly_migrations'`
  return row?.['n']
}

test('PostgreSQL: a check answers within a second while the server hangs, and passes again by itself', async () => {
  await database.migrate()
  expect(await database.check()).toMatchObject({ status: 'pass', migrated: true })
  await proxy.set('swallow')
  await new Promise((resolve) => setTimeout(resolve, 600))
  const start = performance.now()
  const check = await database.check()
  expect(performance.now() - start).toBeLessThan(900)
  expect(check).toMatchObject({ status: 'fail', migrated: false })
  await proxy.set('pass')
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(await database.check()).toMatchObject({ status: 'pass' })
}, 20_000)

test('PostgreSQL: with every connection in use the check still passes', async () => {
  const leases = await Promise.all(Array.from({ length: 10 }, () => database.pool.hold()))
  expect(await database.check()).toMatchObject({ status: 'pass' })
  for (const lease of leases) lease.release()
})

test('PostgreSQL: with DB_PREPARE off nothing is prepared, and no limit is told to a pooler', async () => {
  const unprepared = await open({ prepare: false, poolMax: 1, poolMin: 1 })
  const prepared = await open({ prepare: true, poolMax: 1, poolMin: 1 })
  const look = async (of: Database) => {
    for (let n = 0; n < 10; n++) {
      await of.client.query({ text: 'select $1::int as named', values: [n], name: 'named' })
      await of.client.query({ text: 'select $1::int as repeated', values: [n] })
    }
    const { rows } = await of.client.query(`select count(*)::int as statements,
      current_setting('statement_timeout') as limit from pg_prepared_statements`)
    return rows
  }
  expect(await look(unprepared)).toEqual([{ statements: 0, limit: '0' }])
  expect(await look(prepared)).toEqual([{ statements: 2, limit: '30s' }])
  await unprepared.close()
  await prepared.close()
})

test('PostgreSQL: an unreachable server is one sentence with the address and without the password', async () => {
  const password = 'canary-secret'
  const refused = new URL(scratch.url)
  refused.password = password
  const missing = new URL(scratch.url)
  missing.pathname = '/caly_no_such_database'
  const errors = await Promise.all(
    [
      `postgres://caly:${password}@127.0.0.1:1/caly`,
      `postgres://caly:${password}@no-such-host.invalid:5432/caly`,
      refused.href,
      missing.href,
    ].map((url) => open({ url }).catch((error) => error)),
  )
  expect(errors.map(({ name }) => name)).toEqual(Array(4).fill('DatabaseUnreachableError'))
  expect(errors.map(({ code }) => code)).toEqual(['ECONNREFUSED', 'ENOTFOUND', '28P01', '3D000'])
  expect(errors[0].message).toContain('127.0.0.1:1')
  for (const error of errors) {
    expect(error.message).not.toContain('\n')
    expect(`${error.message} ${error.cause}`).not.toContain(password)
  }
})
