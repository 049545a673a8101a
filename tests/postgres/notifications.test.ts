/** What becomes of notifications when the network, or a wrong setting, is in their way. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import postgres from 'postgres'
import { type Change, type Notifications, openNotifications } from '../../db/notifications/index.ts'
import { createDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'

const server = process.env['TEST_DATABASE_URL']
if (server === undefined) throw new Error('tests/postgres needs TEST_DATABASE_URL')

let home: TestDatabase
let url: string
let proxy: TcpProxy
let opened: Notifications[]
let told: Change[]
let states: string[]
beforeAll(async () => {
  home = await openTestDatabase()
  url = home.settings.url ?? ''
})
afterAll(() => home.close())
beforeEach(async () => {
  proxy = await tcpProxy(server)
  opened = []
  told = []
  states = []
})
afterEach(async () => {
  await Promise.all(opened.map((notifications) => notifications.close()))
  await proxy.close()
})

async function open(listenUrl: string): Promise<Notifications> {
  const notifications = openNotifications({
    database: home.database,
    listenUrl,
    onChange: (change) => told.push(change),
    onState: (state) => states.push(state),
  })
  opened.push(notifications)
  await until(() => notifications.reliableSince() !== undefined)
  return notifications
}

async function until(condition: () => boolean, limit = 10_000): Promise<number> {
  const begun = performance.now()
  await eventually(async () => condition(), Boolean, limit)
  return performance.now() - begun
}

const subject = () => crypto.randomUUID()
const announce = (id: string, by: { query: TestDatabase['database']['client']['query'] }) =>
  by.query(
    `with told as (insert into auth_changes (kind, subject) values ('key', $1) returning subject)
     select pg_notify('caly_changes', 'key ' || subject) from told`,
    [id],
  )

test('PostgreSQL: a connection that is swallowed is not relied on after 800 ms, and is made anew', async () => {
  const notifications = await open(proxy.through(url))
  const before = notifications.reliableSince() ?? 0
  await proxy.set('swallow')
  expect(await until(() => notifications.reliableSince() === undefined, 1000)).toBeLessThan(900)
  await announce(subject(), home.database.client)
  await proxy.set('pass')
  await until(() => notifications.reliableSince() !== undefined)
  // What was missed meanwhile is told by the later beginning: what is older is asked for again.
  expect(notifications.reliableSince()).toBeGreaterThan(before)
  expect(told).toEqual([])
  const id = subject()
  await announce(id, home.database.client)
  await until(() => told.length > 0, 1000)
  expect(told).toEqual([{ kind: 'key', id }])
  expect(states).toEqual(['listening', 'lost', 'listening'])
}, 30_000)

test('PostgreSQL: answers that take 300 ms are relied on, those that take 500 ms are not', async () => {
  const notifications = await open(proxy.through(url))
  await proxy.set('pass', 150)
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(notifications.reliableSince()).toBeDefined()
  await proxy.set('pass', 500)
  await until(() => notifications.reliableSince() === undefined, 3000)
}, 30_000)

test('PostgreSQL: where the server ends the connection, the next one hears', async () => {
  const notifications = await open(url)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query in ('select 1', 'listen caly_changes')
      and pid <> pg_backend_pid()`
  await admin.end()
  await until(() => states.length >= 3)
  expect(notifications.reliableSince()).toBeDefined()
  const id = subject()
  await announce(id, home.database.client)
  await until(() => told.length > 0, 1000)
}, 30_000)

test('PostgreSQL: a DATABASE_LISTEN_URL of another database hears nothing, so the table is polled', async () => {
  const other = await createDatabase(server)
  await open(other.url)
  expect(states).toEqual(['polling'])
  const id = subject()
  await announce(id, home.database.client)
  expect(await until(() => told.length > 0, 1000)).toBeLessThan(600)
  expect(told).toEqual([{ kind: 'key', id }])
  await other.drop()
}, 30_000)

test('PostgreSQL: a poll finds what commits late, tells it once, and is not held up by old transactions', async () => {
  const other = await createDatabase(server)
  await open(other.url)
  const [late, early] = [subject(), subject()]
  const client = await home.database.client.connect()
  await client.query('begin')
  await client.query(`insert into auth_changes (kind, subject) values ('key', $1)`, [late])
  await announce(early, home.database.client)
  await until(() => told.length > 0, 1000)
  await new Promise((resolve) => setTimeout(resolve, 900))
  expect(told).toEqual([{ kind: 'key', id: early }])
  await client.query('commit')
  client.release()
  await until(() => told.length > 1, 1000)
  await new Promise((resolve) => setTimeout(resolve, 900))
  expect(told.map(({ id }) => id)).toEqual([early, late])
  await other.drop()
}, 30_000)
