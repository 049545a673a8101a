import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { Elysia } from 'elysia'
import type { Drizzle } from '../../db/database.ts'
import { clients } from '../../db/schema/index.ts'
import {
  instrumentQueries,
  instrumentTransactions,
  observePool,
  requestTelemetry,
  type Telemetry,
} from '../../telemetry/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { eventually } from '../support/process.ts'
import { telemetryWith } from './support.ts'

let sink: OtlpSink
let telemetry: Telemetry
let opened: TestDatabase
let db: Drizzle

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
  const { onTime } = observePool(telemetry, 'test', () => opened.database.pool.stats())
  opened = await openTestDatabase({
    settings: { poolMax: 1, connectionTimeout: 500 },
    observer: { onTime },
  })
  ;({ db } = opened.database)
  instrumentQueries(telemetry, opened.database.Client)
  instrumentTransactions(telemetry, opened.database.PooledClient)
}, 30_000)
afterAll(async () => {
  await opened.close()
  await telemetry.shutdown(2000)
  await sink.close()
})

let requests = 0

/** Runs work within a request, and gives the spans of its trace: its transactions, and all others. */
async function traced(work: () => Promise<unknown>) {
  const path = `/transaction-${++requests}`
  const app = new Elysia().use(requestTelemetry(telemetry)).get(path, async () => {
    await work().catch(() => undefined)
    return 'done'
  })
  await app.handle(new Request(`http://localhost${path}`))
  const requestIn = (spans: readonly DecodedSpan[]) =>
    spans.find(({ name }) => name === `GET ${path}`)
  const all = await sink.waitFor((spans) => requestIn(spans) !== undefined)
  const request = requestIn(all)
  const spans = all.filter((span) => span.traceId === request?.traceId && span !== request)
  const transactions = spans.filter(({ kind }) => kind === 'SPAN_KIND_INTERNAL')
  const queries = spans.filter(({ kind }) => kind === 'SPAN_KIND_CLIENT')
  return { request, transactions, transaction: transactions[0], queries }
}

const waitOf = (span: DecodedSpan | undefined) => span?.attributes['caly.db.connection.wait']

describe('a transaction within a request', () => {
  test('is one span under it, with all its queries under that, and says that it was committed', async () => {
    const { request, transactions, transaction, queries } = await traced(() =>
      db.transaction(async (tx) => {
        await tx.select().from(clients)
        await tx.transaction((inner) => inner.execute(sql`select 1`))
      }),
    )
    const { database } = opened.database.target
    expect(transactions).toHaveLength(1)
    expect(transaction).toMatchObject({
      name: `transaction ${database}`,
      parentSpanId: request?.spanId,
      status: { code: 'STATUS_CODE_UNSET' },
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': database,
        'caly.db.transaction.outcome': 'committed',
      },
    })
    expect(queries.map(({ name }) => name)).toEqual([
      'BEGIN',
      'SELECT clients',
      'SAVEPOINT',
      'SELECT',
      'RELEASE',
      'COMMIT',
    ])
    for (const query of queries) {
      expect(query.parentSpanId).toBe(transaction?.spanId as string)
    }
  })

  test('that the code itself gives up was rolled back, which is no error', async () => {
    const { transaction, queries } = await traced(() =>
      db.transaction(async (tx) => {
        await tx.select().from(clients)
        throw new Error('another one was quicker: 4711')
      }),
    )
    expect(queries.map(({ name }) => name)).toEqual(['BEGIN', 'SELECT clients', 'ROLLBACK'])
    expect(transaction).toMatchObject({
      status: { code: 'STATUS_CODE_UNSET' },
      attributes: { 'caly.db.transaction.outcome': 'rolled_back' },
    })
    expect(transaction?.attributes['error.type']).toBeUndefined()
    expect(JSON.stringify(transaction)).not.toContain('4711')
  })

  const failing = async (statement: string) =>
    traced(() => db.transaction((tx) => tx.execute(sql.raw(statement))))

  test('whose statement fails is an error, by the SQLSTATE and no word of the message', async () => {
    const { transaction } = await failing("select 'secret'::int")
    expect(transaction).toMatchObject({
      status: { code: 'STATUS_CODE_ERROR', message: '' },
      attributes: {
        'caly.db.transaction.outcome': 'rolled_back',
        'error.type': '22P02',
        'db.response.status_code': '22P02',
      },
    })
    expect(JSON.stringify(transaction)).not.toContain('secret')
  })

  test('that the database refuses to commit was rolled back', async () => {
    const { transaction, queries } = await traced(() =>
      db.transaction(async (tx) => {
        await tx.execute(
          sql`create temporary table t (a int primary key deferrable initially deferred)`,
        )
        await tx.execute(sql`insert into t values (1), (1)`)
      }),
    )
    expect(queries.at(-2)).toMatchObject({ name: 'COMMIT', attributes: { 'error.type': '23505' } })
    expect(transaction).toMatchObject({
      status: { code: 'STATUS_CODE_ERROR' },
      attributes: { 'caly.db.transaction.outcome': 'rolled_back', 'error.type': '23505' },
    })
  })

  test('in which a failure was undone to a savepoint is committed, and no error', async () => {
    const { transaction } = await traced(() =>
      db.transaction(async (tx) => {
        await tx.transaction((inner) => inner.execute(sql`select 1 / 0`)).catch(() => undefined)
      }),
    )
    expect(transaction).toMatchObject({
      status: { code: 'STATUS_CODE_UNSET' },
      attributes: { 'caly.db.transaction.outcome': 'committed' },
    })
  })
})

/** Holds the only connection until told. */
async function occupied(work: () => Promise<unknown>, until: Promise<unknown>) {
  const { promise: taken, resolve } = Promise.withResolvers<void>()
  const holding = db.transaction(async () => {
    resolve()
    await until
  })
  await taken
  await Promise.all([work(), holding])
}

test('The wait for a connection is on the span of what waited, and nothing on that of what did not', async () => {
  for (const work of [() => db.select().from(clients), () => db.transaction(async () => {})]) {
    const free = Promise.withResolvers<void>()
    let found: Awaited<ReturnType<typeof traced>> | undefined
    const waiting = async () => {
      const all = traced(work)
      await eventually(
        async () => opened.database.pool.stats().pending,
        (pending) => pending === 1,
      )
      free.resolve()
      found = await all
    }
    await occupied(waiting, free.promise)
    const [waited, ...rest] = [...(found?.transactions ?? []), ...(found?.queries ?? [])]
    expect(waitOf(waited)).toBeGreaterThan(0)
    expect(waitOf(waited)).toBeLessThan(0.5)
    expect(rest.map(waitOf)).toEqual(rest.map(() => undefined))
    const { transaction, queries } = await traced(work)
    expect([transaction, ...queries].map(waitOf)).toEqual([
      undefined,
      ...queries.map(() => undefined),
    ])
  }
})

test('A transaction that gets no connection is an error without an outcome', async () => {
  const free = Promise.withResolvers<void>()
  let found: Awaited<ReturnType<typeof traced>> | undefined
  await occupied(async () => {
    found = await traced(() => db.transaction((tx) => tx.select().from(clients)))
    free.resolve()
  }, free.promise)
  expect(found?.transaction).toMatchObject({
    status: { code: 'STATUS_CODE_ERROR' },
    attributes: { 'error.type': 'DatabaseUnavailableError' },
  })
  expect(found?.transaction?.attributes['caly.db.transaction.outcome']).toBeUndefined()
  expect(waitOf(found?.transaction)).toBeGreaterThanOrEqual(0.49)
  expect(found?.queries).toEqual([])
})

test('A transaction outside of any request has no span', async () => {
  const before = sink.spans().length
  await db.transaction((tx) => tx.select().from(clients))
  // Whatever was made before it has arrived once this has.
  const { transactions } = await traced(() => db.transaction((tx) => tx.select().from(clients)))
  expect(transactions).toHaveLength(1)
  expect(sink.spans().length).toBe(before + 5)
})
