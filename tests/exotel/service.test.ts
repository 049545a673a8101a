/** A service that places its calls over Exotel: black box, on whichever runtime is under test. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { adminOf, type Client } from '../support/client.ts'
import { openDatabaseOf } from '../support/database.ts'
import { callerId, type ExotelStandIn, exotelStandIn } from '../support/exotel.ts'
import { type DecodedSpan, type OtlpSink, otlpSink } from '../support/otlp-sink.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'

// A call takes a second, and a lost one some more.
setDefaultTimeout(60_000)

let exotel: ExotelStandIn
let sink: OtlpSink
let caly: Caly
let admin: Client

beforeAll(async () => {
  const port = String(await freePort())
  const publicUrl = `http://localhost:${port}`
  sink = await otlpSink()
  exotel = await exotelStandIn({
    passthru: `${publicUrl}/api/webhooks/exotel/a-secret-of-this-provider`,
  })
  caly = await startCaly({
    env: {
      ...exotel.env,
      PORT: port,
      PUBLIC_URL: publicUrl,
      RECONCILE_AFTER: '1s',
      RATE_LIMIT_API: 'off',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      LOG_LEVEL: 'debug',
    },
  })
  admin = await adminOf(caly)
}, 120_000)
afterAll(async () => {
  await caly.stop()
  await exotel.close()
  await sink.close()
}, 60_000)

const caller = '+919876543210'

async function place(to: string, more: object = {}): Promise<string> {
  const { status, body } = await admin('POST', '/api/calls', { from: caller, to, ...more })
  expect(status).toBe(202)
  return body.id
}

const read = async (id: string) => (await admin('GET', `/api/calls/${id}`)).body

const ended = (id: string) =>
  eventually(
    () => read(id),
    ({ status }) => !['queued', 'ringing', 'in-progress'].includes(status),
    20_000,
  )

const played = (id: string) =>
  exotel.simulator.calls().filter(({ customField }) => customField === id)

describe('a call', () => {
  for (const [suffix, status] of [
    ['4711', 'completed'],
    ['0001', 'busy'],
    ['0002', 'no-answer'],
    ['0003', 'failed'],
    ['0004', 'completed'],
    ['0005', 'canceled'],
    ['0006', 'no-answer'],
  ] as const)
    test(`to a callee who ends in ${suffix} ends as ${status}`, async () => {
      const id = await place(`+91981234${suffix}`)
      const call = await ended(id)
      expect(call).toMatchObject({ status, direction: 'outbound', from: caller })
      expect(call.providerCallId).toBe(played(id)[0]?.sid)
      expect(call.endedAt).not.toBeNull()
    })

  test('whose answer is lost after others were answered is not asked for again', async () => {
    await ended(await place('+919812344711'))
    exotel.simulator.setFaults({ 'lost-answer': 1 })
    const ids = await Promise.all(
      Array.from({ length: 4 }, (_, index) => place(`+91981230${4000 + index}`)),
    )
    for (const id of ids) expect((await ended(id)).status).toBe('completed')
    exotel.simulator.setFaults({})
    for (const id of ids) {
      expect(exotel.simulator.posts(id)).toBe(1)
      expect(played(id)).toHaveLength(1)
    }
  })

  test('that is refused for the moment (429) is asked for again, and placed once', async () => {
    exotel.simulator.setFaults({ 'rate-limited': 1 })
    const id = await place('+919812345000')
    await eventually(
      async () => exotel.simulator.posts(id),
      (posts) => posts > 0,
    )
    exotel.simulator.setFaults({})
    expect((await ended(id)).status).toBe('completed')
    expect(played(id)).toHaveLength(1)
  })

  test('whose callbacks are all lost ends by Call Details', async () => {
    exotel.simulator.setFaults({ 'callback-lost': 1 })
    const id = await place('+919812345001')
    const call = await ended(id)
    exotel.simulator.setFaults({})
    expect(call.status).toBe('completed')
    expect(call.events.at(-1)).toMatchObject({ source: 'reconciliation' })
  })

  test('whose answer and callbacks are all lost is found by its numbers', async () => {
    exotel.simulator.setFaults({ 'callback-lost': 1, 'lost-answer': 1 })
    const id = await place('+919812345002')
    const call = await ended(id)
    exotel.simulator.setFaults({})
    expect(call).toMatchObject({ status: 'completed', providerCallId: played(id)[0]?.sid })
  })
})

describe('a call that nobody here placed', () => {
  const find = async (number: string) =>
    await eventually(
      async () => (await admin('POST', '/api/calls/search', { number })).body.items[0],
      (call) => call !== undefined && call.endedAt !== null,
      20_000,
    )

  test('comes in and is answered: it is the client’s whose number was called', async () => {
    const { sid } = exotel.simulator.incoming({ from: '+919876500001', to: callerId })
    expect(await find('+919876500001')).toMatchObject({
      direction: 'inbound',
      status: 'completed',
      providerCallId: sid,
      to: callerId,
    })
  })

  test('comes in and is not taken: it was not answered, whatever the top word says', async () => {
    exotel.simulator.incoming({ from: '+919876500002', to: callerId, outcome: 'missed' })
    expect(await find('+919876500002')).toMatchObject({ direction: 'inbound', status: 'no-answer' })
  })

  test('was placed in the dashboard: it goes out', async () => {
    exotel.simulator.dial({ from: '+919876500003', to: '+919876500004', callerId })
    expect(await find('+919876500004')).toMatchObject({
      direction: 'outbound',
      status: 'completed',
      from: '+919876500003',
    })
  })
})

test('each request to Exotel is a span by the HTTP client conventions, which holds no secret', async () => {
  const isPlacing = ({ name }: DecodedSpan) => name === 'POST /v1/Accounts/{sid}/Calls/connect.json'
  const isSearch = ({ name }: DecodedSpan) => name === 'GET /v1/Accounts/{sid}/Calls.json'
  const spans = await sink.waitFor((all) => all.some(isPlacing) && all.some(isSearch), 20_000)
  const origin = new URL(exotel.simulator.url)
  const placing = spans.find(isPlacing)
  expect(placing?.kind).toBe('SPAN_KIND_CLIENT')
  expect(placing?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'server.address': origin.hostname,
    'server.port': Number(origin.port),
    'url.full': `${origin.origin}/v1/Accounts/{sid}/Calls/connect.json`,
    'url.template': '/v1/Accounts/{sid}/Calls/connect.json',
  })
  const failed = spans.find((span) => isPlacing(span) && span.attributes['error.type'] === 'reset')
  expect(failed?.status.code).toBe('STATUS_CODE_ERROR')
  const written = JSON.stringify(spans) + caly.output()
  const { sid, apiKey, apiToken } = exotel.simulator
  const basic = Buffer.from(`${apiKey}:${apiToken}`).toString('base64')
  for (const secret of [
    sid,
    apiKey,
    apiToken,
    basic,
    'a-secret-of-this-provider',
    '98123450',
    // Long enough to stand in no id by chance.
    '9876543210',
    '98765000',
  ])
    expect(written).not.toContain(secret)
})

test('what was placed, and the circuit, are metrics', async () => {
  const { body } = await admin('GET', '/metrics')
  expect(body).toMatch(/^caly_provider_placements_total\{[^}]*outcome="placed"[^}]*\} [1-9]/m)
  expect(body).toMatch(/^caly_provider_placements_total\{[^}]*outcome="unknown"[^}]*\} [1-9]/m)
  expect(body).toMatch(/^caly_provider_circuit\{[^}]*state="closed"[^}]*\} 1$/m)
  expect(body).toMatch(
    /^http_client_request_duration_seconds_count\{[^}]*url_template="[^"]*connect/m,
  )
})

test('the recording’s address is kept encrypted, and comes from Call Details', async () => {
  const id = await place('+919812345003', { record: true })
  await eventually(
    () => read(id),
    ({ status, recordingAvailable }) => status === 'completed' && recordingAvailable,
  )
  const { status, body } = await admin('GET', `/api/calls/${id}/recording`)
  expect([status, body]).toEqual([200, 'sound'])
  const database = await openDatabaseOf(caly)
  const [row] = await database.query(
    'select row_to_json(c)::text as text from calls c where id = $1',
    [id],
  )
  expect(row?.['text']).not.toContain('exotelrecordings')
  const trail = await database.query(
    `select event_type from audit_logs where resource_id = $1 order by created_at`,
    [id],
  )
  expect(trail.map((event) => event['event_type'])).toContain('CALL_RECORDING_READ')
  await database.close()
})

test('while Exotel is away calls wait, readiness says so, and all are placed when it is back', async () => {
  exotel.simulator.setFaults({ reset: 1 })
  const lost = await Promise.all(
    Array.from({ length: 6 }, (_, index) => place(`+91981239${1000 + index}`)),
  )
  const warned = await eventually(
    async () => (await admin('GET', '/health/ready')).body,
    ({ checks }) => checks.provider.status === 'warn',
    20_000,
  )
  expect(warned.status).toBe('warn')
  const waiting = await place('+919812392000')
  exotel.simulator.setFaults({})
  expect((await ended(waiting)).status).toBe('completed')
  expect(played(waiting)).toHaveLength(1)
  // These may have been placed, for all that is known: nobody asks for them again.
  for (const id of lost) expect(exotel.simulator.posts(id)).toBeLessThanOrEqual(1)
}, 60_000)
