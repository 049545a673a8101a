/** What a migrated database is like, and how it becomes so. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '../../db/database.ts'
import { auditLogs } from '../../db/schema/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

let home: TestDatabase

beforeAll(async () => {
  home = await openTestDatabase({ migrate: false })
}, 60_000)
afterAll(() => home.close())

const query = async (text: string, values?: readonly unknown[]) =>
  (await home.database.client.query(text, values)).rows as Record<string, unknown>[]

test('a database without its tables answers the check, and is not migrated', async () => {
  expect(await home.database.check()).toMatchObject({ status: 'pass', migrated: false })
})

test('ten replicas that start together migrate once', async () => {
  const replicas = await Promise.all(
    Array.from({ length: 10 }, () =>
      openDatabase({
        settings: { ...home.settings, poolMax: 2, poolMin: 0 },
        dataDir: home.dataDir,
        join: true,
      }),
    ),
  )
  const results = await Promise.all(replicas.map((replica) => replica.migrate()))
  await Promise.all(replicas.map((replica) => replica.close()))
  expect(results.filter(({ applied }) => applied > 0)).toHaveLength(1)
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(await home.database.check()).toMatchObject({ status: 'pass', migrated: true })
}, 30_000)

test('the audit trail has a partition for this month and the next three, and a start makes no more', async () => {
  const names = await query(
    `select relname from pg_class where relname ~ '^audit_logs_[0-9]{4}_[0-9]{2}$' order by 1`,
  )
  const now = new Date()
  const months = Array.from({ length: 4 }, (_, ahead) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead))
    return `audit_logs_${month.toISOString().slice(0, 7).replace('-', '_')}`
  })
  expect(names.map(({ relname }) => relname)).toEqual(months)
  expect(await home.database.migrate()).toEqual({ applied: 0, months: 0 })
  expect(await query('select caly_ensure_audit_partitions(4) as made')).toEqual([{ made: 1 }])
})

const event = (createdAt: Date) => ({
  id: uuidv7(),
  createdAt,
  eventType: 'LOGIN_SUCCESS',
  severity: 'INFO' as const,
  outcome: 'success' as const,
  clientId: uuidv7(),
  actorType: 'user',
  personalCommitment: new Uint8Array(32),
  mac: new Uint8Array(36),
})

test('audit rows can be added, and neither changed nor removed, in the table or in a partition', async () => {
  const { db } = home.database
  await db.insert(auditLogs).values(event(new Date()))
  const month = new Date().toISOString().slice(0, 7).replace('-', '_')
  const attempts = ['audit_logs', `audit_logs_${month}`].flatMap((table) => [
    `update ${table} set ip = null`,
    `update ${table} set ip = null where false`,
    `delete from ${table}`,
    `truncate ${table}`,
  ])
  for (const attempt of attempts) {
    const error = await query(attempt).catch((fault) => fault)
    expect(error).toMatchObject({ name: 'QueryError', code: '42501' })
    expect(error.cause.message).toContain('append-only')
  }
  await query('truncate clients, audit_logs cascade').catch(() => {})
  expect(await query('select count(*)::int as n from audit_logs')).toEqual([{ n: 1 }])
})

test('an audit row of a month without a partition is refused, not lost', async () => {
  const error = await home.database.db
    .insert(auditLogs)
    .values(event(new Date('2001-01-01')))
    .catch((fault) => fault)
  expect(error).toMatchObject({ name: 'QueryError', code: '23514' })
})

test("the operators' queries read an index in order instead of sorting", async () => {
  const plans = await home.database.db.transaction(async (tx) => {
    await tx.execute('set local enable_seqscan = off')
    await tx.execute('set local enable_bitmapscan = off')
    const explained = []
    for (const where of ["severity = 'CRITICAL'", `client_id = '${uuidv7()}'`])
      explained.push(
        await tx.execute(
          `explain select * from audit_logs where ${where} order by created_at desc limit 50`,
        ),
      )
    return explained
  })
  for (const { rows } of plans) {
    const plan = JSON.stringify(rows)
    expect(plan).toContain('Index Scan Backward')
    expect(plan).not.toContain('Sort')
  }
})

test('neither erased calls nor those that wait are in the way of what is asked about open ones', async () => {
  const open = "provider = 'exotel' and status in ('queued', 'ringing', 'in-progress')"
  const questions = {
    calls_open: `${open} and erased_at is null and last_heard_at < now() order by last_heard_at`,
    calls_live: `${open} and dispatched_at is not null and erased_at is null`,
    calls_unnamed: `${open} and provider_call_id is null
      and dispatched_at between now() - interval '2 h' and now()
      and (erased_at is null or dispatched_at > now() - interval '2 min')`,
  }
  await home.database.db.transaction(async (tx) => {
    await tx.execute('set local enable_seqscan = off')
    for (const [index, where] of Object.entries(questions)) {
      const { rows } = await tx.execute(`explain select id from calls where ${where}`)
      expect(JSON.stringify(rows)).toContain(` ${index} `)
    }
  })
  const without = (what: string) =>
    query(
      `select relname as index from pg_index join pg_class on oid = indexrelid
       where indrelid = 'calls'::regclass and pg_get_expr(indpred, indrelid) ~ $1 order by 1`,
      [what],
    )
  expect(await without('erased_at IS NULL')).toEqual([
    { index: 'calls_live' },
    { index: 'calls_open' },
  ])
  expect(await without('dispatched_at IS NOT NULL')).toEqual([
    { index: 'calls_live' },
    { index: 'calls_unnamed' },
  ])
})
