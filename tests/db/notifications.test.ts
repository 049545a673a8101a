/** How a process hears of what others change, on whichever database the tests run. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { v7 as uuidv7 } from 'uuid'
import { type Change, type Notifications, openNotifications } from '../../db/notifications/index.ts'
import { isPostgres, openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

let home: TestDatabase
let notifications: Notifications
const told: Change[] = []
const states: string[] = []
const ids = { client: uuidv7(), user: uuidv7(), session: uuidv7(), key: uuidv7() }

const query = (text: string, values?: readonly unknown[]) =>
  home.database.client.query(text, values)

beforeAll(async () => {
  home = await openTestDatabase()
  const { client, user, session, key } = ids
  await query(`insert into clients (id, name) values ($1, 'acme')`, [client])
  await query(
    `insert into users (id, client_id, email, name, role, password_hash)
     values ($1, $2, 'a@acme.example', 'A', 'admin', 'x')`,
    [user, client],
  )
  for (const used of ['now()', 'now()', 'null'])
    await query(
      `insert into refresh_tokens
         (id, family_id, user_id, token_hash, session_started_at, expires_at, used_at)
       values ($1, $2, $3, $4, now(), now() + interval '1 day', ${used})`,
      [uuidv7(), session, user, crypto.getRandomValues(new Uint8Array(32))],
    )
  await query(
    `insert into api_keys (id, client_id, name, prefix, secret_hash, scopes)
     values ($1, $2, 'k', 'p', '\\x00', '{}')`,
    [key, client],
  )
  notifications = openNotifications({
    database: home.database,
    onChange: (change) => told.push(change),
    onState: (state) => states.push(state),
  })
  await eventually(
    async () => notifications.reliableSince(),
    (since) => since !== undefined,
  )
}, 60_000)
afterAll(async () => {
  await notifications.close()
  await home.close()
})

test('a PostgreSQL server is listened to, the embedded database is polled', () => {
  expect(states).toEqual([isPostgres ? 'listening' : 'polling'])
})

const changes = [
  ['a new role', `update users set role = 'auditor' where id = $1`, 'user'],
  ['a disabled login', 'update users set disabled = true where id = $1', 'user'],
  ['a raised epoch', 'update users set session_epoch = 9 where id = $1', 'user'],
  [
    'a session that ended',
    'update refresh_tokens set revoked_at = now() where family_id = $1',
    'session',
  ],
  ['a revoked key', 'update api_keys set revoked_at = now() where id = $1', 'key'],
  ['a key that is gone', 'delete from api_keys where id = $1', 'key'],
  ['an erased user', 'delete from users where id = $1', 'user'],
] as const

test.each(changes)('%s is told once, whoever wrote it', async (_, text, kind) => {
  told.length = 0
  await query(text, [ids[kind]])
  await eventually(
    async () => told.length,
    (count) => count > 0,
    1000,
  )
  await query('select 1')
  expect(told).toEqual([{ kind, id: ids[kind] }])
})

test('what was rolled back is not told', async () => {
  told.length = 0
  await home.database.db
    .transaction(async (tx) => {
      await tx.execute(`update clients set name = 'b'`)
      await tx.execute(`insert into auth_changes (kind, subject) values ('user', '${ids.user}')`)
      throw new Error('rolled back')
    })
    .catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 900))
  expect(told).toEqual([])
})
