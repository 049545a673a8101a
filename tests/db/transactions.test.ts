/** Transactions and statements through drizzle and through the `pg`-shaped client. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { count, eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/database.ts'
import { DatabaseUnavailableError, QueryError } from '../../db/errors.ts'
import { clients, users } from '../../db/schema/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

let home: TestDatabase
let database: Database
let db: Database['db']

beforeAll(async () => {
  home = await openTestDatabase({ settings: { poolMax: 4 } })
  database = home.database
  db = database.db
}, 60_000)
afterAll(() => home.close())
beforeEach(async () => {
  await db.delete(users)
  await db.delete(clients)
})

const total = async () => (await db.select({ n: count() }).from(clients))[0]?.n
const clean = () => expect(database.pool.stats()).toMatchObject({ used: 0, pending: 0 })

test('a transaction is there as a whole after its commit, and not before', async () => {
  await db.transaction(async (tx) => {
    await tx.insert(clients).values({ name: 'one' })
    await tx.insert(clients).values({ name: 'two' })
    expect((await tx.select({ n: count() }).from(clients))[0]?.n).toBe(2)
  })
  expect(await total()).toBe(2)
  clean()
})

test('a transaction whose function throws leaves nothing, and the error comes out as it is', async () => {
  const fault = new Error('changed my mind')
  const result = db.transaction(async (tx) => {
    await tx.insert(clients).values({ name: 'one' })
    throw fault
  })
  expect(await result.catch((error) => error)).toBe(fault)
  expect(await total()).toBe(0)
  clean()
})

test('an inner transaction that fails is undone alone', async () => {
  await db.transaction(async (tx) => {
    await tx.insert(clients).values({ name: 'outer' })
    await tx
      .transaction(async (inner) => {
        await inner.insert(clients).values({ name: 'inner' })
        throw new Error('inner')
      })
      .catch(() => {})
    await tx.transaction(async (inner) => {
      await inner.insert(clients).values({ name: 'second' })
    })
  })
  const rows = await db.select({ name: clients.name }).from(clients).orderBy(clients.name)
  expect(rows.map(({ name }) => name)).toEqual(['outer', 'second'])
})

test('concurrent transactions do not see or undo each other', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, number) =>
      db.transaction(async (tx) => {
        await tx.insert(clients).values({ name: `client ${number}` })
        expect(
          (
            await tx
              .select()
              .from(clients)
              .where(eq(clients.name, `client ${number}`))
          ).length,
        ).toBe(1)
        if (number % 2) throw new Error('odd')
      }),
    ),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(await total()).toBe(10)
  clean()
})

test('a refused statement carries its SQLSTATE and constraint, and no value anywhere', async () => {
  const [client] = await db.insert(clients).values({ name: 'one' }).returning()
  const user = {
    clientId: client?.id ?? '',
    email: 'canary@example.com',
    name: 'canary-name',
    role: 'admin',
    passwordHash: 'canary-hash',
  } as const
  await db.insert(users).values(user)
  const error = await db
    .insert(users)
    .values(user)
    .catch((fault) => fault)
  expect(error).toBeInstanceOf(QueryError)
  expect(error).toMatchObject({ code: '23505', constraint: 'users_email', retryable: false })
  const invalid = await db.execute(sql`select ${'canary-number'}::int`).catch((fault) => fault)
  expect(invalid).toMatchObject({ name: 'QueryError', code: '22P02' })
  for (const fault of [error, invalid]) {
    const told = `${fault.stack} ${fault.cause.stack} ${JSON.stringify(fault)} ${JSON.stringify(fault.cause)}`
    expect(told).not.toContain('canary')
  }
})

test('after a failed statement the commit fails too, instead of silently keeping nothing', async () => {
  const result = db.transaction(async (tx) => {
    await tx.insert(clients).values({ name: 'one' })
    await tx.execute(sql`select 1 / 0`).catch(() => {})
  })
  expect(await result.catch((error) => error)).toMatchObject({ name: 'QueryError', code: '25P02' })
  expect(await total()).toBe(0)
  clean()
})

test('a connection that breaks within a transaction is not used again, and the loss is told', async () => {
  const before = database.pool.stats()
  const result = db.transaction(async (tx) => {
    await tx.insert(clients).values({ name: 'one' })
    for (const [connection] of database.pool.inUse()) connection.destroy()
    await tx.insert(clients).values({ name: 'two' })
  })
  expect(await result.catch((error) => error)).toBeInstanceOf(DatabaseUnavailableError)
  expect(await total()).toBe(0)
  expect(database.pool.stats().destroyed).toBe(before.destroyed + 1)
  clean()
})

test('a connection released in the middle of a transaction goes away instead of poisoning the next', async () => {
  const client = await database.client.connect()
  await client.query('begin')
  await client.query({
    text: 'insert into clients (id, name) values (gen_random_uuid(), $1)',
    values: ['lost'],
  })
  client.release()
  expect(await total()).toBe(0)
  await database.client.query('begin; select 1 / 0; commit').catch(() => {})
  expect(await total()).toBe(0)
  clean()
})

test('a statement that comes after its transaction has ended is refused', async () => {
  let late: (() => Promise<unknown>) | undefined
  await db.transaction(async (tx) => {
    late = () => tx.insert(clients).values({ name: 'late' })
  })
  expect(await late?.().catch((error) => String(error))).toContain(
    'after its transaction had ended',
  )
  expect(await total()).toBe(0)
})

test('a prepared query gives each execution its own rows, on every connection', async () => {
  const made = await db
    .insert(clients)
    .values(Array.from({ length: 10 }, (_, number) => ({ name: `client ${number}` })))
    .returning()
  const byId = db
    .select()
    .from(clients)
    .where(eq(clients.id, sql.placeholder('id')))
    .prepare('by_id')
  const found = await Promise.all(made.map(({ id }) => byId.execute({ id })))
  expect(found.flat()).toEqual(made)
})

test('values come back as they went in, by drizzle and by plain SQL', async () => {
  const { client } = database
  const kinds = {
    at: new Date('2026-03-29T01:30:00.123Z'),
    data: { text: 'a "quoted" \\ \n text', nested: [1, null, true, { deep: 'ü' }] },
    tags: ['plain', 'with, comma', 'with "quote"', 'with \\ slash', ' ', '', 'NULL', '{}', 'ü'],
    n: 9007199254740993n,
    b: new Uint8Array([0, 1, 255, 92]),
    yes: false,
    numbers: [
      [1, null],
      [3, 4],
    ],
  }
  await client.query(
    'create table kinds (at timestamptz, data jsonb, tags text[], n int8, b bytea, yes bool, numbers int[])',
  )
  const insert = 'insert into kinds values ($1, $2, $3, $4, $5, $6, $7)'
  await client.query(insert, Object.values(kinds))
  const { rows } = await client.query('select * from kinds')
  expect(rows).toEqual([{ ...kinds, n: '9007199254740993', b: Buffer.from(kinds.b) }])
  // What is text already stays as it is: JSON is not encoded twice, 'true' is not taken for false.
  await client.query(insert, [null, '"json text"', '{}', 1, '\\x00', 'true', []])
  const second = await client.query('select data, tags, yes, numbers from kinds where at is null')
  expect(second.rows).toEqual([{ data: 'json text', tags: [], yes: true, numbers: [] }])
  const several = await client.query('select 1 as a; select 2 as b')
  expect(several as unknown).toMatchObject([{ rows: [{ a: 1 }] }, { rows: [{ b: 2 }] }])
})
