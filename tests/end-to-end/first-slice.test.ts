/** A new user's first minutes, against a real process: log in, place a call, see what it left. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

let sink: OtlpSink
let caly: Caly
let admin: Client

beforeAll(async () => {
  sink = await otlpSink()
  caly = await startCaly({
    migrated: false,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '200' },
  })
  admin = await adminOf(caly)
}, 90_000)
afterAll(async () => {
  expect(await caly.stop()).toBe(0)
  await sink.close()
}, 30_000)

const place = (to: string) => admin('POST', '/api/calls', { from: '+912233445566', to })

const ended = (id: string) =>
  eventually(
    () => admin('GET', `/api/calls/${id}`),
    ({ body }) => body.endedAt !== null,
    20_000,
  )

test('a call is accepted, played and completed, and its events are told in order', async () => {
  const accepted = await place('+919876543210')
  expect(accepted.status).toBe(202)
  expect(accepted.body).toMatchObject({
    status: 'queued',
    to: '+919876543210',
    direction: 'outbound',
  })
  const { body } = await ended(accepted.body.id)
  expect(body).toMatchObject({ status: 'completed', failureReason: null })
  expect(body.events.map(({ status }: { status: string }) => status)).toEqual(
    expect.arrayContaining(['queued', 'in-progress', 'completed']),
  )
  expect(body.durationSeconds).toBeGreaterThanOrEqual(0)
}, 30_000)

test('a busy callee, one who does not answer, and one who cannot be reached end as such', async () => {
  const outcomes = { '0001': 'busy', '0002': 'no-answer', '0003': 'failed' }
  for (const [suffix, status] of Object.entries(outcomes)) {
    const { body } = await place(`+91987654${suffix}`)
    expect((await ended(body.id)).body.status).toBe(status)
  }
}, 60_000)

test('login, call and callbacks are in the audit trail, as the operators ask for them', async () => {
  const { body: call } = await place('+919876543211')
  await ended(call.id)
  const database = await openDatabaseOf(caly)
  try {
    const logins = await database.query(
      "SELECT * FROM audit_logs WHERE event_type LIKE 'LOGIN_%' ORDER BY created_at DESC LIMIT 50",
    )
    expect(logins[0]).toMatchObject({
      event_type: 'LOGIN_SUCCESS',
      severity: 'INFO',
      method: 'POST',
      path: '/api/auth/login',
    })
    const ofCall = await database.query(
      'SELECT event_type, trace_id, request_id, actor_type FROM audit_logs WHERE resource_id = $1 ORDER BY created_at, id',
      [call.id],
    )
    const types = ofCall.map((row) => row['event_type'])
    expect(types).toContain('CALL_QUEUED')
    expect(types).toContain('CALL_PLACED')
    expect(types).toContain('CALL_STATUS_CHANGED')
    expect(ofCall[0]).toMatchObject({ actor_type: 'user' })
    expect(ofCall[0]?.['request_id']).toBeTruthy()
    expect(ofCall[0]?.['trace_id']).toMatch(/^[0-9a-f]{32}$/)
    const numbers = await database.query(
      "SELECT count(*)::int AS n FROM audit_logs WHERE to_jsonb(audit_logs)::text LIKE '%9876543211%'",
    )
    expect(numbers[0]?.['n']).toBe(0)
  } finally {
    await database.close()
  }
}, 30_000)

test("the trace of placing a call has its queries under the request's span", async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { status } = await admin(
    'POST',
    '/api/calls',
    { from: '+912233445566', to: '+919876543212' },
    { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  )
  expect(status).toBe(202)
  const inTrace = (all: readonly DecodedSpan[]) => all.filter((span) => span.traceId === traceId)
  // The job that places the call belongs to the trace too: its span may come after its queries.
  const isWhole = (trace: readonly DecodedSpan[]) =>
    trace.every(
      ({ parentSpanId }) =>
        parentSpanId === '00f067aa0ba902b7' || trace.some(({ spanId }) => spanId === parentSpanId),
    )
  const spans = await sink.waitFor(
    (all) => inTrace(all).some(({ name }) => name === 'POST /api/calls') && isWhole(inTrace(all)),
    20_000,
  )
  const ofTrace = inTrace(spans)
  const server = ofTrace.find((span) => span.name === 'POST /api/calls')
  expect(server?.parentSpanId).toBe('00f067aa0ba902b7')
  expect(server?.attributes).toMatchObject({
    'http.route': '/api/calls',
    'http.response.status_code': 202,
  })
  const queries = ofTrace.filter((span) => span.attributes['db.system.name'] === 'postgresql')
  expect(queries.length).toBeGreaterThanOrEqual(3)
  const ids = new Set(ofTrace.map((span) => span.spanId))
  for (const query of queries) expect(ids.has(query.parentSpanId)).toBe(true)
  expect(JSON.stringify(ofTrace)).not.toContain('9876543212')
}, 40_000)

test('the metrics tell of requests by route, and of the pool', async () => {
  const { status, body } = await clientOf(caly)('GET', '/metrics')
  expect(status).toBe(200)
  expect(body).toMatch(
    /http_server_request_duration_seconds_count\{[^}]*http_route="\/api\/calls"[^}]*\} \d/,
  )
  expect(body).toMatch(
    /db_client_connection_count\{[^}]*db_client_connection_state="idle"[^}]*\} \d/,
  )
  expect(body).toContain('db_client_operation_duration_seconds_bucket')
})

test('a stranger gets nothing but 401, and a log line has no number in it', async () => {
  const stranger = clientOf(caly)
  const { status, body, headers } = await stranger('GET', '/api/calls')
  expect(status).toBe(401)
  expect(body.code).toBe('AUTHENTICATION_REQUIRED')
  expect(headers.get('www-authenticate')).toContain('Bearer')
  expect(caly.output()).not.toContain('98765432')
  expect(caly.output()).not.toContain(caly.admin.password)
})
