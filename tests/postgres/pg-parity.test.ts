/**
 * Our query spans beside those that instrumentation-pg makes of `pg` itself, for the same statements
 * on the same server: whatever differs is named here, with its reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import pg from 'pg'
import {
  instrumentQueries,
  instrumentTransactions,
  observePool,
  type Telemetry,
} from '../../telemetry/index.ts'
import { createDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'
import { telemetryWith } from '../telemetry/support.ts'

const server = process.env['TEST_DATABASE_URL']
if (server === undefined) throw new Error('tests/postgres needs TEST_DATABASE_URL')

/** Patched by the instrumentation alone, and no other `pg` in this process. */
class RealClient extends pg.Client {}

const exporter = new InMemorySpanExporter()
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
let sink: OtlpSink
let telemetry: Telemetry
let scratch: Awaited<ReturnType<typeof createDatabase>>
let real: pg.Client
let opened: TestDatabase

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
  scratch = await createDatabase(server)
  opened = await openTestDatabase({ settings: { url: scratch.url, poolMax: 2 }, migrate: false })
  instrumentQueries(telemetry, opened.database.Client)
  instrumentTransactions(telemetry, opened.database.PooledClient)
  const instrumentation = new PgInstrumentation({ enabled: false, ignoreConnectSpans: true })
  instrumentation.setTracerProvider(provider)
  for (const definition of instrumentation.getModuleDefinitions())
    if (definition.name === 'pg') definition.patch?.({ Client: RealClient })
  real = new RealClient({ connectionString: scratch.url })
  await real.connect()
  await real.query('create table parity (id int primary key, name text)')
}, 30_000)
afterAll(async () => {
  await real.end()
  await opened.close()
  await scratch.drop()
  await telemetry.shutdown(2000)
  await sink.close()
})

/** What is compared of a span. */
interface Seen {
  readonly name: string
  readonly kind: string
  readonly attributes: Attributes
  readonly status: { readonly code: string; readonly message: string }
  readonly events: readonly string[]
}

type Statement = { readonly text: string; readonly values?: unknown[]; readonly name?: string }

async function theirs(statement: Statement): Promise<Seen> {
  exporter.reset()
  await real.query(statement).catch(() => undefined)
  const [span] = exporter.getFinishedSpans()
  if (span === undefined) throw new Error('instrumentation-pg made no span')
  return {
    name: span.name,
    kind: `SPAN_KIND_${SpanKind[span.kind]}`,
    attributes: span.attributes,
    status: {
      code: `STATUS_CODE_${SpanStatusCode[span.status.code]}`,
      message: span.status.message ?? '',
    },
    events: span.events.map(({ name }) => name),
  }
}

/** Runs work in a trace of its own, and gives its other spans. */
async function traced(work: () => Promise<unknown>): Promise<readonly DecodedSpan[]> {
  const tracer = telemetry.tracerProvider.getTracer('test')
  const { traceId, spanId } = await tracer.startActiveSpan('around', async (span) => {
    await work().catch(() => undefined)
    span.end()
    return span.spanContext()
  })
  const spans = await sink.waitFor((all) => all.some((span) => span.spanId === spanId))
  return spans.filter((span) => span.traceId === traceId && span.spanId !== spanId)
}

async function ours(statement: Statement): Promise<Seen> {
  const [span] = await traced(() => opened.database.client.query(statement))
  if (span === undefined) throw new Error('We made no span')
  const { name, kind, attributes, status, events } = span
  return { name, kind, attributes: attributes as Attributes, status, events }
}

interface Case {
  readonly what: string
  readonly statement: Statement
  readonly operation: string
  readonly collection: string | undefined
  /** The SQLSTATE that both are refused with. */
  readonly failure?: string
  /** What ours says of the text, where that is not all of it. */
  readonly text?: string
}

const statements: readonly Case[] = [
  {
    what: 'a select',
    statement: { text: 'select id, name from parity where id = $1', values: [1] },
    operation: 'SELECT',
    collection: 'parity',
  },
  {
    what: 'an insert',
    statement: {
      text: 'insert into parity (id, name) values ($1, $2) on conflict do nothing',
      values: [1, 'secret'],
    },
    operation: 'INSERT',
    collection: 'parity',
  },
  {
    what: 'an update that begins on a second line',
    statement: { text: 'update\n  parity set name = $1 where id = $2', values: ['secret', 1] },
    operation: 'UPDATE',
    collection: 'parity',
  },
  {
    what: 'a prepared statement',
    statement: {
      name: 'parity_by_name',
      text: 'select id from parity where name = $1',
      values: ['secret'],
    },
    operation: 'SELECT',
    collection: 'parity',
  },
  {
    what: 'a statement with literals',
    statement: { text: "select name from parity where name <> 'secret' limit 4711" },
    operation: 'SELECT',
    collection: 'parity',
    text: 'select name from parity where name <> ? limit ?',
  },
  {
    what: 'a violated key',
    statement: { text: 'insert into parity (id) values ($1)', values: [1] },
    operation: 'INSERT',
    collection: 'parity',
    failure: '23505',
  },
  {
    what: 'a value that is none of its type',
    statement: { text: 'select $1::text::int', values: ['secret'] },
    operation: 'SELECT',
    collection: undefined,
    failure: '22P02',
  },
]

/** Attributes that differ from theirs. All others must be the same, in name and value. */
const differences: Readonly<Record<string, string>> = {
  'db.query.summary': 'recommended by the conventions, and missing in theirs',
  'db.operation.name': 'recommended by the conventions, and on their metric only',
  'db.collection.name': 'recommended by the conventions, and missing in theirs',
  'error.type': 'required by the conventions for a failure, and missing in theirs',
  'db.response.status_code': 'required by the conventions for a failure, and missing in theirs',
  'db.query.text': 'theirs keeps literals, which could be values',
}

describe('a query span of ours, beside one of instrumentation-pg over pg, for', () => {
  for (const { what, statement, operation, collection, failure, text } of statements)
    test(`${what} is the same but for what is named as different`, async () => {
      // Both run it first: what follows meets the same rows.
      const their = await theirs(statement)
      const our = await ours(statement)
      const summary = collection === undefined ? operation : `${operation} ${collection}`
      const added: Attributes = {
        'db.query.summary': summary,
        'db.operation.name': operation,
        ...(collection !== undefined && { 'db.collection.name': collection }),
        ...(failure !== undefined && { 'error.type': failure, 'db.response.status_code': failure }),
        ...(text !== undefined && { 'db.query.text': text }),
      }
      expect(our.attributes).toEqual({ ...their.attributes, ...added })
      const different = Object.keys(our.attributes).filter(
        (key) => our.attributes[key] !== their.attributes[key],
      )
      expect(different.filter((key) => differences[key] === undefined)).toEqual([])
      expect(our.kind).toBe(their.kind)
      expect(our.events).toEqual(their.events)
      expect(our.status.code).toBe(their.status.code)
      // Theirs is by the first word up to a space, or the prepared name, and the database; the
      // conventions want the summary.
      expect(their.name).toStartWith('pg.query:')
      expect(our.name).toBe(summary)
      // Theirs is the database's own message, values included.
      expect(our.status.message).toBe('')
      if (failure !== undefined) expect(their.status.message).not.toBe('')
      expect(JSON.stringify(our)).not.toMatch(/secret|4711/)
    })
})

test('A transaction whose answer to COMMIT is lost has an unknown outcome', async () => {
  const proxy = await tcpProxy(server)
  const { onTime } = observePool(telemetry, 'proxied', () => proxied.database.pool.stats())
  const proxied = await openTestDatabase({
    settings: { url: proxy.through(scratch.url) },
    observer: { onTime },
    migrate: false,
  })
  try {
    const lost = proxy.cutAt('after', 'commit\0')
    const spans = await traced(() =>
      proxied.database.db.transaction((tx) => tx.execute('select 1 as before_the_loss')),
    )
    await lost
    const transaction = spans.find(({ kind }) => kind === 'SPAN_KIND_INTERNAL')
    expect(transaction).toMatchObject({
      status: { code: 'STATUS_CODE_ERROR', message: '' },
      attributes: {
        'caly.db.transaction.outcome': 'unknown',
        'error.type': 'CONNECTION_CLOSED',
      },
    })
  } finally {
    await proxied.close()
    await proxy.close()
  }
}, 20_000)
