/** A new user's first minutes, against a real process: log in, place a call, see what it left. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'

let caly: Caly
let admin: Client

beforeAll(async () => {
  caly = await startCaly({
    migrated: false,
  })
  admin = await adminOf(caly)
}, 90_000)
afterAll(async () => {
  expect(await caly.stop()).toBe(0)
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
