/**
 * What a collector gets of a call from the login to its last callback: trees of spans, tied by links,
 * as real OTLP, read by the official definitions.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { clientOf } from '../support/client.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly, testedRuntime } from '../support/process.ts'

setDefaultTimeout(60_000)

/** The caller's own trace. */
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const callerSpanId = '00f067aa0ba902b7'
const traceparent = (trace: string) => ({ traceparent: `00-${trace}-${callerSpanId}-01` })

/** Traces of callbacks that come all at once. */
const burst = Array.from({ length: 12 }, (_, n) => `b${n.toString(16)}`.padEnd(32, '7'))

const secret = 'canary-of-the-webhook-address'
const key = 'canary-of-the-idempotency'
const customField = 'canary of the custom field'
const numbers = ['+912233445566', '+919876543210', '09999900001', '09999900002']

const webhook = 'POST /api/webhooks/exotel/:secret'

let sink: OtlpSink
let caly: Caly
let token = ''
let call: { readonly id: string; readonly status: string }
let spans: readonly DecodedSpan[]

beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    env: {
      CALY_PROVIDER: 'simulator',
      // Its metric is among those that are there on a condition.
      REDIS_URL: undefined,
      EXOTEL_WEBHOOK_SECRET: secret,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
    },
  })
  const stranger = clientOf(caly)
  const login = await stranger('POST', '/api/auth/login', caly.admin, traceparent(traceId))
  token = login.body.accessToken
  const admin = clientOf(caly, token)
  const [from, to] = numbers
  const placed = await admin(
    'POST',
    '/api/calls',
    { from, to, customField },
    { ...traceparent(traceId), 'idempotency-key': key },
  )
  const ended = await eventually(
    () => admin('GET', `/api/calls/${placed.body.id}?number=${encodeURIComponent(to ?? '')}`),
    ({ body }) => body.endedAt !== null,
    20_000,
  )
  call = ended.body
  await Promise.all(
    burst.map((trace, n) =>
      stranger('POST', `/api/webhooks/exotel/${secret}`, strangeCallback(n), traceparent(trace)),
    ),
  )
  spans = await sink.waitFor(
    (all) =>
      ofCall(all).length >= 4 &&
      burst.every((trace) => transactionsOf(all, trace).length === 2) &&
      orphans(all).length === 0,
    20_000,
  )
})
afterAll(async () => {
  expect(await caly.stop()).toBe(0)
  await sink.close()
})

/** A callback about a call that nobody here has placed. */
const strangeCallback = (n: number) => ({
  CallSid: `strange${n}`.padEnd(32, '0'),
  EventType: 'terminal',
  From: numbers[2],
  To: numbers[3],
  Status: 'completed',
  Direction: 'outbound-dial',
})

const isRoot = ({ parentSpanId }: DecodedSpan) => ['', callerSpanId].includes(parentSpanId)

/** Spans whose parent never came. */
function orphans(all: readonly DecodedSpan[]): readonly DecodedSpan[] {
  const known = new Set(all.map((span) => span.traceId + span.spanId))
  return all.filter((span) => !isRoot(span) && !known.has(span.traceId + span.parentSpanId))
}

const inTrace = (all: readonly DecodedSpan[], trace: string) =>
  all.filter((span) => span.traceId === trace)

/** Spans outside of the caller's trace that say they are about its call: job and callbacks. */
const ofCall = (all: readonly DecodedSpan[]) =>
  all.filter((span) => span.attributes['caly.call.id'] === call.id && span.traceId !== traceId)

const transactionsOf = (all: readonly DecodedSpan[], trace: string) =>
  inTrace(all, trace).filter(({ name }) => name.startsWith('transaction '))

const byStart = (one: DecodedSpan, other: DecodedSpan) => one.startTime - other.startTime

/** The spans under one, in the order that they began. */
const childrenOf = ({ traceId: trace, spanId }: DecodedSpan) =>
  inTrace(spans, trace)
    .filter(({ parentSpanId }) => parentSpanId === spanId)
    .toSorted(byStart)

/** A tree as lines of names, each indented by how deep it lies. */
const treeOf = (span: DecodedSpan): readonly string[] => [
  span.name.replace(/^transaction .*/, 'transaction'),
  ...childrenOf(span).flatMap((child) => treeOf(child).map((line) => `  ${line}`)),
]

const rootsOf = (trace: string) => inTrace(spans, trace).filter(isRoot)

const named = (name: string, trace: string) => {
  const [span, ...more] = inTrace(spans, trace).filter((one) => one.name === name)
  if (span === undefined || more.length > 0) throw new Error(`Not one span ${name}`)
  return span
}

describe("in the caller's trace", () => {
  test('login and call are a server span each, under the span of the caller', () => {
    expect(rootsOf(traceId).map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['POST /api/auth/login', callerSpanId],
      ['POST /api/calls', callerSpanId],
    ])
  })

  test('what placing a call writes is one transaction, with the job in it', () => {
    const tree = treeOf(named('POST /api/calls', traceId))
    expect(tree.slice(tree.indexOf('  transaction'))).toEqual([
      '  transaction',
      '    BEGIN',
      '    SELECT',
      '    INSERT idempotency_keys',
      '    INSERT calls',
      '    INSERT call_events',
      '    INSERT audit_logs',
      '    send calls.place',
      '      INSERT pgboss.job_common',
      '    COMMIT',
    ])
  })

  test('the request tells its route, its outcome and its call, by the conventions', () => {
    expect(named('POST /api/calls', traceId)).toMatchObject({
      kind: 'SPAN_KIND_SERVER',
      status: { code: 'STATUS_CODE_UNSET', message: '' },
      links: [],
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/calls',
        'url.path': '/api/calls',
        'url.scheme': 'http',
        'http.response.status_code': 202,
        'server.port': caly.port,
        'client.address': expect.any(String),
        'caly.call.id': call.id,
        'caly.client.id': expect.any(String),
        'caly.request.id': expect.any(String),
      },
    })
  })
})

test('the job that places the call is a trace of its own, linked to where it was sent', () => {
  const send = named('send calls.place', traceId)
  const [job, ...more] = spans.filter(
    ({ name, attributes }) =>
      name === 'process calls.place' && attributes['caly.call.id'] === call.id,
  )
  expect(more).toEqual([])
  expect(job).toMatchObject({
    kind: 'SPAN_KIND_CONSUMER',
    parentSpanId: '',
    links: [{ traceId, spanId: send.spanId }],
    attributes: { 'messaging.message.id': send.attributes['messaging.message.id'] as string },
  })
  const tree = job && treeOf(job)
  expect(tree?.slice(0, 4)).toEqual([
    'process calls.place',
    '  SELECT calls',
    '  UPDATE calls',
    '  transaction',
  ])
  expect(tree).toContain('    INSERT call_events')
  expect(tree?.at(-1)).toBe('    COMMIT')
})

test('each callback is a trace of its own: stored, then applied, with a link to the call', () => {
  const callbacks = spans.filter(({ name, traceId: trace }) => {
    return name === webhook && ofCall(spans).some((span) => span.traceId === trace)
  })
  expect(callbacks.length).toBeGreaterThanOrEqual(2)
  expect(call.status).toBe('completed')
  for (const callback of callbacks) {
    expect(callback).toMatchObject({ parentSpanId: '', kind: 'SPAN_KIND_SERVER' })
    const [stored, applied, ...more] = childrenOf(callback)
    expect(more).toEqual([])
    expect(stored && treeOf(stored)).toContain('  INSERT webhook_events')
    expect(applied && treeOf(applied)).toContain('  INSERT call_events')
    const about = ofCall(spans).filter((span) => span.traceId === callback.traceId)
    const origin = named('POST /api/calls', traceId)
    expect(about.map(({ links }) => links)).toEqual([[{ traceId, spanId: origin.spanId }]])
  }
})

test('callbacks that come all at once are applied each in its own trace', () => {
  for (const trace of burst) {
    expect(rootsOf(trace).map(({ name }) => name)).toEqual([webhook])
    const under = rootsOf(trace).flatMap(childrenOf)
    expect(under).toEqual(transactionsOf(spans, trace).toSorted(byStart))
    expect(under).toHaveLength(2)
  }
})

describe('of all spans', () => {
  test('each has its parent, begins after it, and ends after it has begun', () => {
    expect(orphans(spans)).toEqual([])
    const byId = new Map(spans.map((span) => [span.traceId + span.spanId, span]))
    expect(byId.size).toBe(spans.length)
    for (const span of spans) {
      expect(span.endTime).toBeGreaterThanOrEqual(span.startTime)
      const parent = byId.get(span.traceId + span.parentSpanId)
      // The clock that tells the time of day counts whole milliseconds.
      if (parent) expect(span.startTime).toBeGreaterThan(parent.startTime - 1.5)
    }
  })

  test('each has the kind, the name and the attributes that the conventions ask for', () => {
    for (const span of spans) {
      const wanted = expectations.find(({ name }) => name.test(span.name))
      expect(wanted?.kind).toBe(span.kind.replace('SPAN_KIND_', ''))
      for (const attribute of wanted?.attributes ?? [])
        expect([span.name, attribute, span.attributes[attribute]]).toEqual([
          span.name,
          attribute,
          expect.anything(),
        ])
    }
  })

  test('none is in error, none tells a message', () => {
    for (const { name, status } of spans)
      expect([name, status]).toEqual([name, { code: 'STATUS_CODE_UNSET', message: '' }])
  })

  test('all say which service they are from, and nothing of the machine', () => {
    for (const { resource } of spans)
      expect(resource).toEqual({
        'service.name': 'caly',
        'service.version': expect.any(String),
        'service.instance.id': expect.any(String),
        'deployment.environment.name': 'development',
        'process.runtime.name': testedRuntime,
        'process.runtime.version': expect.any(String),
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': expect.any(String),
      })
  })

  test('not a byte names a number, a password, a token, a person or a secret address', () => {
    expect(sink.mentions('/api/calls/:id')).toBe(true)
    const { email, password } = caly.admin
    const canaries = [secret, key, customField, token, email, password, ...numbers]
    // Numbers also as they stand in addresses, and without what is before them.
    const spelled = numbers.flatMap((number) => [encodeURIComponent(number), number.slice(3)])
    expect([...canaries, ...spelled].filter((canary) => sink.mentions(canary))).toEqual([])
  })
})

test('docs/telemetry.md names every metric of this service, its kind and its labels, and no other', async () => {
  const page = await readFile(new URL('../../docs/telemetry.md', import.meta.url), 'utf8')
  const [, section = ''] = /^## Metrics$([\s\S]*?)^### Only where/m.exec(page) ?? []
  const told = new Map(
    Array.from(
      section.matchAll(/^\| `(\w+)` *\| (\w+) *\| ([^|]*)\|/gm),
      ([, name, kind, by = '']) => [
        name as string,
        { kind, labels: Array.from(by.matchAll(/`(\w+)`/g), ([, label]) => label as string) },
      ],
    ),
  )
  const scrape = async () => String((await clientOf(caly)('GET', '/metrics')).body)
  const kindsIn = (text: string) =>
    Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name = '', kind]) => [name, kind])
  const text = await eventually(scrape, (body) => kindsIn(body).length >= told.size)
  expect(kindsIn(text).toSorted()).toEqual(
    Array.from(told, ([name, { kind }]) => [name, kind]).toSorted(),
  )
  for (const [, series = '', labels = ''] of text.matchAll(/^(\w+)\{([^}]*)\}/gm)) {
    const name = told.has(series) ? series : series.replace(/_(bucket|sum|count)$/, '')
    if (name === 'target_info') continue
    const unknown = Array.from(labels.matchAll(/(\w+)="/g), ([, label = '']) => label).filter(
      (label) => label !== 'le' && !told.get(name)?.labels.includes(label),
    )
    expect([name, unknown]).toEqual([name, []])
  }
})

const database = ['db.system.name', 'db.namespace']
const messaging = [
  'messaging.system.name',
  'messaging.operation.name',
  'messaging.operation.type',
  'messaging.destination.name',
  'messaging.message.id',
]

/** By name, the first that fits. */
const expectations: readonly {
  readonly name: RegExp
  readonly kind: string
  readonly attributes: readonly string[]
}[] = [
  {
    name: /^(GET|POST) \/[\w/:]+$/,
    kind: 'SERVER',
    attributes: [
      'http.request.method',
      'http.route',
      'url.path',
      'url.scheme',
      'http.response.status_code',
    ],
  },
  { name: /^process [\w.]+$/, kind: 'CONSUMER', attributes: [...messaging, 'caly.job.attempt'] },
  { name: /^send [\w.]+$/, kind: 'PRODUCER', attributes: messaging },
  {
    name: /^transaction \w+$/,
    kind: 'INTERNAL',
    attributes: [...database, 'caly.db.transaction.outcome'],
  },
  {
    name: /^[A-Z]+( [\w.]+)?$/,
    kind: 'CLIENT',
    attributes: [...database, 'db.query.text', 'db.query.summary', 'db.operation.name'],
  },
]
