/** Whose work a span says it is, while 200 requests do everything at once. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf } from '../support/client.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, startCaly } from '../support/process.ts'

let sink: OtlpSink
beforeAll(async () => {
  sink = await otlpSink()
})
afterAll(() => sink.close())

const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '200' })
const numbers = Array.from({ length: 200 }, (_, n) => n)
const callerSpan = 'b7ad6b7169203331'

/** A trace of its own for each request, by which its spans are found again. */
const traceOf = (series: string, n: number) => n.toString().padStart(4, '0').padStart(32, series)
const traceparent = (series: string, n: number) => ({
  traceparent: `00-${traceOf(series, n)}-${callerSpan}-01`,
})

/** The spans of each trace. */
function byTrace(spans: readonly DecodedSpan[]): ReadonlyMap<string, readonly DecodedSpan[]> {
  const traces = new Map<string, DecodedSpan[]>()
  for (const span of spans) {
    const trace = traces.get(span.traceId)
    if (trace) trace.push(span)
    else traces.set(span.traceId, [span])
  }
  return traces
}

/** A trace as lines `name < name of its parent`; a parent that is not in the trace has no name. */
function shapeOf(trace: readonly DecodedSpan[]): string[] {
  const names = new Map(trace.map((span) => [span.spanId, nameOf(span)]))
  const parentOf = ({ parentSpanId }: DecodedSpan) =>
    parentSpanId === callerSpan ? 'caller' : (names.get(parentSpanId) ?? parentSpanId)
  return trace.map((span) => `${nameOf(span)} < ${parentOf(span)}`).toSorted()
}

/** A query's name with what its text calls itself. */
const nameOf = ({ name, attributes }: DecodedSpan): string =>
  /as (\w+_\d+)$/.exec(String(attributes['db.query.text']))?.[1] ?? name.split(' caly')[0] ?? name

const ofQueue = (spans: readonly DecodedSpan[], queue: string, kind: string) =>
  spans.filter(
    (span) => span.kind === kind && span.attributes['messaging.destination.name'] === queue,
  )

test('200 requests at once, each through hooks, a transaction, a job and a stream, have each its own spans and no other', async () => {
  const caly = await startCaly({ script: 'tests/telemetry/context-service.ts', env: env() })
  try {
    const transaction = `transaction ${new URL(
      caly.env['DATABASE_URL'] ?? 'postgres://embedded/postgres',
    ).pathname.slice(1)}`.split(' caly')[0]
    const ways = ['stream', 'generator'] as const
    await Promise.all(
      numbers.map(async (n) => {
        const url = new URL(`/${ways[n % 2]}/${n}`, caly.baseUrl)
        const response = await fetch(url, { headers: traceparent('c', n) })
        expect(await response.text()).toBe('0\n1\n2\n')
      }),
    )
    const spans = await sink.waitFor(
      (all) =>
        ofQueue(all, 'context', 'SPAN_KIND_CONSUMER').length === 200 &&
        all.filter(({ kind }) => kind === 'SPAN_KIND_SERVER').length >= 200,
      30_000,
    )
    const traces = byTrace(spans)
    for (const n of numbers) {
      const way = `GET /${ways[n % 2]}/:n`
      expect(shapeOf(traces.get(traceOf('c', n)) ?? [])).toEqual(
        [
          `${way} < caller`,
          `hook_${n} < ${way}`,
          `${transaction} < ${way}`,
          `BEGIN < ${transaction}`,
          `transaction_${n} < ${transaction}`,
          `send context < ${transaction}`,
          'INSERT pgboss.job_common < send context',
          `SAVEPOINT < ${transaction}`,
          `savepoint_${n} < ${transaction}`,
          `RELEASE < ${transaction}`,
          `COMMIT < ${transaction}`,
          `together_${n} < ${way}`,
          `together_${n} < ${way}`,
          ...Array<string>(3).fill(`stream_${n} < ${way}`),
        ].toSorted(),
      )
    }
    const sent = new Map(
      ofQueue(spans, 'context', 'SPAN_KIND_PRODUCER').map(({ spanId, traceId }) => [
        spanId,
        traceId,
      ]),
    )
    for (const { traceId, links } of ofQueue(spans, 'context', 'SPAN_KIND_CONSUMER')) {
      expect(links).toHaveLength(1)
      const [link] = links
      expect(sent.get(link?.spanId ?? '')).toBe(link?.traceId as string)
      const n = Number(link?.traceId.slice(-4))
      expect(shapeOf(traces.get(traceId) ?? [])).toEqual(
        [
          'process context < ',
          `job_${n} < process context`,
          `${transaction} < process context`,
          `BEGIN < ${transaction}`,
          `job_transaction_${n} < ${transaction}`,
          `COMMIT < ${transaction}`,
        ].toSorted(),
      )
    }
  } finally {
    expect(await caly.stop()).toBe(0)
  }
}, 120_000)

test('Calls placed at once over the whole service leave traces of the same shape, each its own', async () => {
  const caly: Caly = await startCaly({
    env: {
      ...env(),
      SIMULATOR_STEP: '60000',
      RATE_LIMIT_GLOBAL: 'off',
      RATE_LIMIT_API: 'off',
      RATE_LIMIT_WEBHOOK: 'off',
    },
  })
  try {
    const admin = await adminOf(caly)
    const place = async (series: string, n: number) => {
      const to = `+9198765${String(n).padStart(5, '5')}`
      const body = { from: '+912233445566', to }
      const answer = await admin('POST', '/api/calls', body, traceparent(series, n))
      expect(answer.status).toBe(202)
    }
    const some = numbers.slice(0, 50)
    // The first one fills what is remembered: it asks more.
    await place('a', 0)
    await place('b', 0)
    await Promise.all(some.map((n) => place('d', n)))
    const spans = await sink.waitFor(
      (all) => ofQueue(all, 'calls.place', 'SPAN_KIND_CONSUMER').length >= some.length + 2,
      60_000,
    )
    const traces = byTrace(spans)
    // Who asks is remembered for a while, and asked anew by whichever request comes then.
    const asks = 'SELECT refresh_tokens < POST /api/calls'
    const shape = (series: string, n: number) =>
      shapeOf(traces.get(traceOf(series, n)) ?? []).filter((line) => line !== asks)
    const alone = shape('b', 0)
    expect(alone).toContain('POST /api/calls < caller')
    for (const n of some) expect(shape('d', n)).toEqual(alone)
  } finally {
    expect(await caly.stop()).toBe(0)
  }
}, 120_000)
