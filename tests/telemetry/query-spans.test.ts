import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { clients } from '../../db/schema/index.ts'
import { lastUsed } from '../../src/auth/keys/last-used.ts'
import { instrumentQueries, requestTelemetry, type Telemetry } from '../../telemetry/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { eventually } from '../support/process.ts'
import { sample, telemetryWith } from './support.ts'

let sink: OtlpSink
let telemetry: Telemetry
let test_: TestDatabase

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
  test_ = await openTestDatabase()
  instrumentQueries(telemetry, test_.database.Client)
}, 30_000)
afterAll(async () => {
  await test_.close()
  await telemetry.shutdown(2000)
  await sink.close()
})

let requests = 0

/** Runs work within a request, and gives the spans of its trace, the request's own first. */
async function tracedQueries(work: () => Promise<unknown>) {
  const path = `/work-${++requests}`
  const app = new Elysia().use(requestTelemetry(telemetry)).get(path, async () => {
    await work()
    return 'done'
  })
  await app.handle(new Request(`http://localhost${path}`))
  const requestSpan = (spans: readonly DecodedSpan[]) =>
    spans.find(({ name }) => name === `GET ${path}`)
  const spans = await sink.waitFor((all) => requestSpan(all) !== undefined)
  const request = requestSpan(spans)
  const queries = spans.filter(
    ({ traceId, kind }) => traceId === request?.traceId && kind === 'SPAN_KIND_CLIENT',
  )
  return { request, queries }
}

describe('a query within a request', () => {
  test('is a client span under it, named by verb and table, with its text and no values', async () => {
    const { request, queries } = await tracedQueries(() =>
      test_.database.db.select().from(clients).where(sql`${clients.name} = ${'Not to be seen'}`),
    )
    expect(queries).toHaveLength(1)
    expect(queries[0]).toMatchObject({
      name: 'SELECT clients',
      parentSpanId: request?.spanId,
      status: { code: 'STATUS_CODE_UNSET' },
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': expect.any(String),
        'db.operation.name': 'SELECT',
        'db.collection.name': 'clients',
        'db.query.summary': 'SELECT clients',
        'db.query.text': expect.stringContaining('$1'),
      },
    })
    expect(JSON.stringify(queries)).not.toContain('Not to be seen')
  })

  test('that the database refuses is an error with its SQLSTATE, and no word of its message', async () => {
    const { queries } = await tracedQueries(() =>
      test_.database.client.query("SELECT 'Secret'::text::int").catch(() => undefined),
    )
    expect(queries[0]).toMatchObject({
      name: 'SELECT',
      status: { code: 'STATUS_CODE_ERROR', message: '' },
      attributes: {
        'error.type': '22P02',
        'db.response.status_code': '22P02',
        'db.query.text': 'SELECT ?::text::int',
      },
    })
    expect(JSON.stringify(queries)).not.toContain('Secret')
  })
})

test('What a request sets off for later, for others too, is no part of its trace', async () => {
  const onError = (error: unknown) => {
    throw error
  }
  const uses = lastUsed({ db: test_.database.db, now: Date.now, onError, delay: 0 })
  await tracedQueries(async () => uses.note(crypto.randomUUID()))
  const written = async () =>
    sample((await telemetry.exposition()).body, 'db_client_operation_duration_seconds_count', {
      db_query_summary: 'UPDATE api_keys',
    })
  await eventually(written, (count) => count === 1)
  await uses.close()
  // Had the write a span, it would be there before this request's.
  await tracedQueries(async () => undefined)
  expect(sink.spans().filter(({ name }) => name === 'UPDATE api_keys')).toEqual([])
})

test('A query of a request that is not sampled has no span, and is measured', async () => {
  const unsampled = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER: 'always_off',
  })
  instrumentQueries(unsampled, test_.database.Client)
  try {
    const before = sink.spans().length
    const app = new Elysia().use(requestTelemetry(unsampled)).get('/unsampled', async () => {
      await test_.database.client.query('DELETE FROM users WHERE false')
      return 'done'
    })
    await app.handle(new Request('http://localhost/unsampled'))
    const labels = { db_query_summary: 'DELETE users' }
    const { body } = await unsampled.exposition()
    expect(sample(body, 'db_client_operation_duration_seconds_count', labels)).toBe(1)
    await unsampled.shutdown(2000)
    expect(sink.spans().length).toBe(before)
  } finally {
    instrumentQueries(telemetry, test_.database.Client)
  }
})

test('200 concurrent requests have each its own query under its own span', async () => {
  const app = new Elysia()
    .use(requestTelemetry(telemetry))
    .get('/concurrent/:n', async ({ params }) => {
      await new Promise((resolve) => setTimeout(resolve, Number(params.n) % 5))
      await test_.database.client.query(`SELECT 1 AS concurrent_${Number(params.n)}`)
      return 'done'
    })
  await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      app.handle(
        new Request(`http://localhost/concurrent/${n}`, {
          headers: { traceparent: `00-${n.toString(16).padStart(32, 'c')}-b7ad6b7169203331-01` },
        }),
      ),
    ),
  )
  const isQuery = ({ attributes }: DecodedSpan) =>
    String(attributes['db.query.text']).includes('AS concurrent_')
  const spans = await sink.waitFor(
    (all) =>
      all.filter(isQuery).length === 200 &&
      all.filter(({ name }) => name === 'GET /concurrent/:n').length === 200,
  )
  for (const query of spans.filter(isQuery)) {
    const n = Number(/concurrent_(\d+)/.exec(String(query.attributes['db.query.text']))?.[1])
    expect(query.traceId).toBe(n.toString(16).padStart(32, 'c'))
    const parent = spans.find(({ spanId }) => spanId === query.parentSpanId)
    expect(parent).toMatchObject({ name: 'GET /concurrent/:n', traceId: query.traceId })
  }
}, 20_000)

test('Queries are measured within requests and without, failures by their SQLSTATE', async () => {
  const count = async (labels: Readonly<Record<string, string>>) =>
    sample(
      (await telemetry.exposition()).body,
      'db_client_operation_duration_seconds_count',
      labels,
    ) ?? 0
  const before = sink.spans().length
  const refused = { db_operation_name: 'UPDATE', error_type: '42P01' }
  expect(await count(refused)).toBe(0)
  await test_.database.client.query('UPDATE no_such_table SET a = 1').catch(() => undefined)
  expect(await count(refused)).toBe(1)
  expect(
    (await telemetry.exposition()).body.match(
      /^db_client_operation_duration_seconds_count.*42P01/gm,
    ),
  ).toHaveLength(1)
  const deleted = { db_operation_name: 'DELETE', db_query_summary: 'DELETE clients' }
  expect((await telemetry.exposition()).body).not.toMatch(
    /^db_client_operation_duration_seconds_count\{(?!.*db_query_summary)/m,
  )
  await test_.database.client.query('DELETE\n  FROM "clients" WHERE false')
  expect(await count(deleted)).toBe(1)
  expect(sink.spans().length).toBe(before)
})
