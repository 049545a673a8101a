import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { trace } from '@opentelemetry/api'
import { Elysia } from 'elysia'
import { type Jobs, openJobs } from '../../db/jobs.ts'
import { clients } from '../../db/schema/index.ts'
import {
  instrumentQueries,
  instrumentTransactions,
  jobTelemetry,
  requestTelemetry,
  type Telemetry,
} from '../../telemetry/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { eventually } from '../support/process.ts'
import { sample, telemetryWith } from './support.ts'

setDefaultTimeout(60_000)

let sink: OtlpSink
let telemetry: Telemetry
let opened: TestDatabase
let jobs: Jobs
const errors: unknown[] = []

beforeAll(async () => {
  sink = await otlpSink()
  telemetry = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url })
  opened = await openTestDatabase()
  const { database } = opened
  instrumentQueries(telemetry, database.Client)
  instrumentTransactions(telemetry, database.PooledClient)
  const onError = (error: unknown) => void errors.push(error)
  jobs = await openJobs({ database, onError, observer: jobTelemetry(telemetry) })
})
afterAll(async () => {
  await jobs.stop(1000)
  await opened.close()
  await telemetry.shutdown(2000)
  await sink.close()
})

/** Sends a job as a request does: in a transaction, and woken after it. */
async function sendWithin(app: Telemetry, queue: string, data = {}, key?: string) {
  const path = `/sends/${queue}`
  const plugin = new Elysia().use(requestTelemetry(app)).get(path, async () => {
    await opened.database.db.transaction((tx) =>
      jobs.send(tx, queue, data, key === undefined ? {} : { key }),
    )
    jobs.wake(queue)
    return trace.getActiveSpan()?.spanContext().traceId
  })
  const response = await plugin.handle(new Request(`http://localhost${path}`))
  return await response.text()
}

const spansOf = (queue: string) => (spans: readonly DecodedSpan[]) =>
  spans.filter(({ attributes }) => attributes['messaging.destination.name'] === queue)

const processed = (queue: string, count = 1) =>
  sink.waitFor((spans) => {
    const found = spansOf(queue)(spans).filter(({ kind }) => kind === 'SPAN_KIND_CONSUMER')
    return found.length >= count
  }, 20_000)

const expose = async (name: string, labels: Readonly<Record<string, string>>) =>
  sample((await telemetry.exposition()).body, name, labels)

test('A job that a request sends is a producer span in its trace, and a trace of its own that links there', async () => {
  await jobs.work('greet', async () => {
    await opened.database.db.transaction((tx) => tx.select().from(clients))
  })
  const traceId = await sendWithin(telemetry, 'greet', { name: 'Not to be seen' })
  const spans = await processed('greet')
  const [send, process] = ['SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'].map((wanted) =>
    spansOf('greet')(spans).find(({ kind }) => kind === wanted),
  )
  const rows = await opened.database.client.query(
    `select id, data, trace_context from pgboss.job where name = 'greet'`,
  )
  const [job] = rows.rows as { id: string; data: unknown; trace_context: unknown }[]
  const attributes = (operation: string) => ({
    'messaging.system.name': 'pgboss',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': 'greet',
    'messaging.message.id': job?.id,
  })
  expect(send).toMatchObject({ name: 'send greet', traceId, attributes: attributes('send') })
  expect(process).toMatchObject({
    name: 'process greet',
    parentSpanId: '',
    status: { code: 'STATUS_CODE_UNSET' },
    attributes: { ...attributes('process'), 'caly.job.attempt': 1 },
    links: [{ traceId, spanId: send?.spanId as string }],
  })
  expect(process?.traceId).not.toBe(traceId)
  // What the job carries is what it was given; where it came from stands beside that.
  expect(job?.data).toEqual({ name: 'Not to be seen' })
  expect(job?.trace_context).toEqual({ traceparent: `00-${traceId}-${send?.spanId}-01` })
  expect(JSON.stringify(spans)).not.toContain('Not to be seen')

  const parentOf = (span: DecodedSpan | undefined) =>
    spans.find(({ spanId }) => spanId === span?.parentSpanId)
  const transactionName = `transaction ${opened.database.target.database}`
  expect(parentOf(send)).toMatchObject({ name: transactionName, traceId })
  const insert = spans.find(({ parentSpanId }) => parentSpanId === send?.spanId)
  expect(insert).toMatchObject({ name: 'INSERT pgboss.job_common', kind: 'SPAN_KIND_CLIENT' })
  const ofJob = spans.filter((span) => span.traceId === process?.traceId && span !== process)
  expect(ofJob.map((span) => [span.name, parentOf(span)?.name])).toEqual([
    ['BEGIN', transactionName],
    ['SELECT clients', transactionName],
    ['COMMIT', transactionName],
    [transactionName, 'process greet'],
  ])

  const labels = { messaging_destination_name: 'greet', messaging_system_name: 'pgboss' }
  expect(await expose('messaging_client_sent_messages_total', labels)).toBe(1)
  expect(await expose('messaging_client_consumed_messages_total', labels)).toBe(1)
  expect(await expose('messaging_process_duration_seconds_count', labels)).toBe(1)
  expect(await expose('messaging_process_duration_seconds_bucket', { ...labels, le: '7.5' })).toBe(
    1,
  )
})

test('Each attempt at a failing job is an error by the kind of what it threw, and no word of its message', async () => {
  let attempts = 0
  await jobs.work(
    'fail',
    async () => {
      attempts += 1
      if (attempts === 1) throw new RangeError('the secret 4711')
      await opened.database.client.query("select 'the secret'::int")
    },
    { retries: 1, retryDelay: 0, pollInterval: 500 },
  )
  const traceId = await sendWithin(telemetry, 'fail')
  const spans = await processed('fail', 2)
  const tries = spansOf('fail')(spans).filter(({ kind }) => kind === 'SPAN_KIND_CONSUMER')
  const told = (errorType: string, attempt: number) => ({
    status: { code: 'STATUS_CODE_ERROR', message: '' },
    events: [],
    links: [{ traceId }],
    attributes: { 'error.type': errorType, 'caly.job.attempt': attempt },
  })
  expect(tries).toMatchObject([told('RangeError', 1), told('22P02', 2)])
  expect(tries[0]?.traceId).not.toBe(tries[1]?.traceId as string)
  expect(JSON.stringify(spans)).not.toContain('secret')
  for (const error_type of ['RangeError', '22P02'])
    expect(
      await expose('messaging_process_duration_seconds_count', {
        messaging_destination_name: 'fail',
        error_type,
      }),
    ).toBe(1)
  expect(errors).toHaveLength(2)
  errors.length = 0
})

test('A job that a clock sends is a trace without a link, and its sending none', async () => {
  await jobs.work('tick', async () => {})
  jobs.every('tick', 1)
  const spans = spansOf('tick')(await processed('tick'))
  expect(spans).toMatchObject([{ name: 'process tick', parentSpanId: '', links: [] }])
})

test('Looking for jobs, signs of life and ticking off make no spans', async () => {
  const before = sink.spans().length
  const settled = async () => {
    const { rows } = await opened.database.client.query(
      `select 1 from pgboss.job where state in ('created', 'active', 'retry')`,
    )
    return rows.length
  }
  const done = Promise.withResolvers<void>()
  // Longer than half of what a heartbeat is awaited for: one falls into it.
  await jobs.work('long', () => done.promise)
  await sendWithin(telemetry, 'long')
  const touched = async () => {
    const { rows } = await opened.database.client.query(
      `select 1 from pgboss.job where name = 'long' and heartbeat_on > started_on`,
    )
    return rows.length
  }
  await eventually(touched, (count) => count === 1, 20_000)
  done.resolve()
  await processed('long')
  await eventually(settled, (count) => count === 0)
  const made = sink.spans().slice(before)
  const names = made.map(({ name }) => name).filter((name) => name !== 'process tick')
  expect(names.toSorted()).toEqual([
    'BEGIN',
    'COMMIT',
    'GET /sends/long',
    'INSERT pgboss.job_common',
    'process long',
    'send long',
    `transaction ${opened.database.target.database}`,
  ])
})

test('Without a collector a job runs in no span, and is measured', async () => {
  const alone = await telemetryWith()
  const { onProcess, origin } = jobTelemetry(alone)
  const job = { id: crypto.randomUUID(), attempt: 1 }
  let active: unknown = 'not run'
  await onProcess('alone', job, async () => {
    active = trace.getActiveSpan()
  })
  expect(active).toBeUndefined()
  expect(origin).toEqual({ enabled: false })
  const labels = { messaging_destination_name: 'alone' }
  const { body } = await alone.exposition()
  expect(sample(body, 'messaging_process_duration_seconds_count', labels)).toBe(1)
  await alone.shutdown(1000)
})

test('A job of a key that one waits for already is not counted as sent', async () => {
  await jobs.work('keyed', async () => {}, { keyed: true, pollInterval: 60_000 })
  const labels = { messaging_destination_name: 'keyed' }
  for (const _ of [1, 2])
    await opened.database.db.transaction((tx) =>
      jobs.send(tx, 'keyed', {}, { key: 'one', delay: 3600 }),
    )
  expect(await expose('messaging_client_sent_messages_total', labels)).toBe(1)
})

test('What runs a job of an unsampled request has no link, and its own sampling', async () => {
  const unsampled = await telemetryWith({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_TRACES_SAMPLER: 'always_off',
  })
  await jobs.work('quiet', async () => {})
  await sendWithin(unsampled, 'quiet')
  const spans = spansOf('quiet')(await processed('quiet'))
  expect(spans).toMatchObject([{ name: 'process quiet', links: [] }])
  await unsampled.shutdown(2000)
})
