import { expect, test } from 'bun:test'
import { deleteExpired } from '../../src/auth/retention.ts'
import { startAuth } from './support.ts'

const day = 24 * 3_600_000

test('what has expired is deleted and told of, however much it is, and nothing else', async () => {
  const auth = await startAuth()
  const query = async (text: string, values?: readonly unknown[]) =>
    (await auth.database.client.query(text, values)).rows as Record<string, number>[]
  const { user, refreshToken } = await auth.login('admin@example.com')
  const wrong = { email: 'nobody@example.com', password: 'a wrong guess' }
  await auth.ask('POST', '/api/auth/login', { body: wrong })
  const now = new Date(auth.now()).toISOString()
  const expired = new Date(auth.now() - 2 * day).toISOString()
  await query(
    `insert into refresh_tokens (id, family_id, user_id, token_hash, session_started_at, expires_at)
     select gen_random_uuid(), gen_random_uuid(), $1, decode(md5(n::text), 'hex'), $2, $2
     from generate_series(1, 2500) n`,
    [user.id, expired],
  )
  await query(
    `insert into login_attempts (key, blocked_until, forgotten_at)
     select decode(md5(n::text), 'hex'), $1, $1 from generate_series(1, 2500) n`,
    [now],
  )
  await query(`insert into login_places values ($1, '\\x00', '2020-01-01')`, [user.id])
  await query(
    `insert into auth_changes (kind, subject, created_at) values ('user', $1, $2), ('user', $1, $3)`,
    [user.id, now, expired],
  )
  const counts = `select (select count(*)::int from refresh_tokens) as refresh_tokens,
    (select count(*)::int from login_attempts) as login_attempts,
    (select count(*)::int from login_places) as login_places,
    (select count(*)::int from auth_changes) as auth_changes`
  const [before = {}] = await query(counts)
  await deleteExpired({ db: auth.db, audit: auth.audit, now: auth.now })
  const [left = {}] = await query(counts)
  expect(left).toEqual({ refresh_tokens: 1, login_attempts: 2, login_places: 1, auth_changes: 1 })
  const told: Record<string, number> = {}
  for (const { details } of await auth.events('DATA_DELETED'))
    told[String(details['of'])] = (told[String(details['of'])] ?? 0) + Number(details['count'])
  for (const [table, count] of Object.entries(left))
    expect([table, told[table]]).toEqual([table, Number(before[table]) - count])
  const refreshed = await auth.ask('POST', '/api/auth/refresh', { body: { refreshToken } })
  expect(refreshed.status).toBe(200)
  await auth.close()
}, 60_000)
