import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type House, openHouse, until } from './house.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

/** Takes calls when a test lets it, and keeps silent otherwise. */
const silent = silentProvider({
  async place({ id }) {
    asked.add(id)
    await answered
    return { outcome: 'placed', providerCallId: sidOf(id) }
  },
})

/** Calls that the provider was asked to place. */
const asked = new Set<string>()

/** Until it resolves, the provider has not answered. */
let answered: Promise<void> = Promise.resolve()

let house: House
beforeAll(async () => {
  house = await openHouse({ provider: silent })
})
afterAll(() => house.close())

/** A call that the provider has taken. */
async function placed() {
  const { id } = await house.place('+919999900010')
  return await until(async () => {
    const call = await house.read(id)
    return call.status === 'ringing' ? call : undefined
  })
}

const fields = (id: string, more: object = {}) => ({
  CallSid: sidOf(id),
  EventType: 'terminal',
  DateUpdated: '2026-01-15 14:30:46',
  StartTime: '2026-01-15 14:25:12',
  EndTime: '2026-01-15 14:30:45',
  Status: 'completed',
  ConversationDuration: 320,
  CustomField: id,
  Legs: [{ Status: 'completed' }, { Status: 'completed' }],
  ...more,
})

const answeredOnce = {
  EventType: 'answered',
  Status: 'in-progress',
  EndTime: null,
  CustomField: '',
}
const ringing = { ...answeredOnce, Legs: [{ Status: 'in-progress' }, { Status: '' }] }
const talking = { ...answeredOnce, Legs: [{ Status: 'in-progress' }, { Status: 'in-progress' }] }

async function tell(id: string, message: object, call: string | undefined = id) {
  const headers = { 'content-type': 'application/json' }
  const response = await house.callback(call, { headers, body: JSON.stringify(message) })
  expect(response.status).toBe(200)
  await house.service.settled()
}

const stored = (id: string) =>
  house.rows(
    'select state, reason, deliveries from webhook_events where call_id = $1 order by received_at, id',
    [id],
  )

test('events in order, with each delivered twice, are each kept once', async () => {
  const { id } = await placed()
  for (const message of [ringing, talking, {}])
    for (const _ of [1, 2]) await tell(id, fields(id, message))
  const call = await house.read(id)
  expect(call).toMatchObject({ status: 'completed', durationSeconds: 320 })
  expect(call.endedAt).toBe('2026-01-15T09:00:45.000Z')
  expect(call.events.filter(({ source }) => source === 'callback')).toHaveLength(3)
  expect((await stored(id)).map(({ deliveries }) => deliveries)).toEqual([2, 2, 2])
})

test('events in the wrong order leave the same call', async () => {
  const { id } = await placed()
  for (const message of [{}, talking, ringing, {}]) await tell(id, fields(id, message))
  const call = await house.read(id)
  expect(call).toMatchObject({ status: 'completed', durationSeconds: 320 })
  expect(call.startedAt).toBe('2026-01-15T08:55:12.000Z')
})

test('forty deliveries at once leave one right state', async () => {
  const { id } = await placed()
  const messages = Array.from({ length: 40 }, (_, index) => [ringing, talking, {}][index % 3])
  await Promise.all(messages.map((message) => tell(id, fields(id, message))))
  const call = await house.read(id)
  expect(call.status).toBe('completed')
  expect(call.events.filter(({ source }) => source === 'callback')).toHaveLength(3)
})

test('another outcome after the end changes nothing, and is kept', async () => {
  const { id } = await placed()
  await tell(id, fields(id))
  await tell(id, fields(id, { Status: 'busy', ConversationDuration: 0, Legs: null }))
  const call = await house.read(id)
  expect(call).toMatchObject({ status: 'completed', durationSeconds: 320 })
  expect(call.events.map(({ status }) => status)).toContain('busy')
})

test('multipart is read byte for byte, and a retry with another boundary is the same event', async () => {
  const { id } = await placed()
  for (const _ of [1, 2]) {
    const form = new FormData()
    for (const [name, value] of Object.entries({ CallSid: sidOf(id), Status: 'no-answer' }))
      form.set(name, value)
    expect((await house.callback(id, { body: form })).status).toBe(200)
  }
  await house.service.settled()
  expect(await house.read(id)).toMatchObject({ status: 'no-answer' })
  expect(await stored(id)).toMatchObject([{ state: 'applied', deliveries: 2 }])
})

test('a passthru request by GET, without our signature, finds its call by the SID', async () => {
  const { id } = await placed()
  const query = `CallSid=${sidOf(id)}&CallType=completed&DialCallStatus=busy`
  const response = await house.callback(undefined, { method: 'GET', query })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('OK')
  await house.service.settled()
  expect((await house.read(id)).status).toBe('busy')
})

test('a wrong secret is answered 404, changes nothing, and is recorded once a minute', async () => {
  const { id } = await placed()
  for (const _ of [1, 2, 3]) {
    const body = JSON.stringify(fields(id))
    const url = new URL(`/api/webhooks/exotel/guess?call=${id}&sig=x`, house.base)
    const response = await fetch(url, { method: 'POST', body })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' })
  }
  expect((await house.read(id)).status).toBe('ringing')
  expect(await stored(id)).toEqual([])
  const rows = await house.rows(
    `select details from audit_logs where event_type = 'WEBHOOK_REJECTED'
     and details->>'reason' = 'wrong_secret'`,
  )
  expect(rows).toHaveLength(1)
})

test('a forged signature changes nothing, and is recorded', async () => {
  const [{ id }, other] = [await placed(), await placed()]
  const signature = new URL(house.service.context.addresses.urlFor(other.id)).searchParams.get(
    'sig',
  )
  const query = `call=${id}&sig=${signature}`
  const body = JSON.stringify(fields(id))
  expect((await house.callback(undefined, { query, body })).status).toBe(200)
  await house.service.settled()
  expect((await house.read(id)).status).toBe('ringing')
  expect(await rejected()).toContain('bad_signature')
})

test('a message that names another call than its address changes neither', async () => {
  const [one, other] = [await placed(), await placed()]
  await tell(one.id, fields(one.id, { CustomField: other.id }))
  await tell(one.id, fields(other.id, { CustomField: '' }))
  for (const { id } of [one, other]) expect((await house.read(id)).status).toBe('ringing')
  expect(await stored(one.id)).toMatchObject([
    { state: 'ignored', reason: 'call_mismatch' },
    { state: 'ignored', reason: 'call_mismatch' },
  ])
  expect(await rejected()).toContain('call_mismatch')
})

const rejected = async () =>
  (
    await house.rows(
      `select details->>'reason' as reason from audit_logs where event_type = 'WEBHOOK_REJECTED'`,
    )
  ).map(({ reason }) => reason)

test('a callback that overtakes the answer to placing is applied, and names the call', async () => {
  const answer = Promise.withResolvers<void>()
  answered = answer.promise
  const { id } = await house.place('+919999900010')
  await until(async () => asked.has(id) || undefined)
  await tell(id, fields(id))
  expect(await house.read(id)).toMatchObject({ status: 'completed', providerCallId: sidOf(id) })
  answer.resolve()
  const call = await until(async () => {
    const rows = await house.rows(
      `select 1 from audit_logs where event_type = 'CALL_PLACED' and resource_id = $1`,
      [id],
    )
    return rows.length > 0 ? await house.read(id) : undefined
  })
  expect(call.status).toBe('completed')
})

test('what cannot be read is kept aside and answered 200', async () => {
  const { id } = await placed()
  for (const body of ['{"CallSid":', '[1,2,3]', ''])
    expect((await house.callback(id, { body })).status).toBe(200)
  expect(await stored(id)).toMatchObject([
    { state: 'malformed' },
    { state: 'malformed' },
    { state: 'malformed' },
  ])
  expect(await rejected()).toContain('malformed')
})

test('a message above the limit is answered 413', async () => {
  const { id } = await placed()
  const response = await house.callback(id, { body: new Uint8Array(1_100_000) })
  expect(response.status).toBe(413)
})

test('what a dead process stored is applied by the next sweep', async () => {
  const { id } = await placed()
  await tell(id, fields(id))
  await house.rows(
    `update webhook_events set state = 'received', received_at = now() - interval '1 minute'
     where call_id = $1`,
    [id],
  )
  await house.rows(`update calls set status = 'ringing' where id = $1`, [id])
  await house.service.incoming.sweep(new AbortController().signal)
  expect((await house.read(id)).status).toBe('completed')
})

/** A replica that works off one callback a minute at once, and whose sweeps the test runs. */
const paced = (now: () => number) =>
  openHouse({ beside: house, provider: silent, callbacksAMinute: 1, jobs: false, now })

test('what comes faster than the limit is stored and answered 200, and worked off later', async () => {
  let now = Date.now()
  const busy = await paced(() => now)
  try {
    const { id } = await placed()
    const send = async (message: object) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(fields(id, message))
      const response = await busy.callback(id, { headers, body })
      await busy.service.settled()
      return response
    }
    expect((await send(ringing)).headers.get('ratelimit')).toBe('"webhook";r=0;t=60')
    expect((await send(talking)).status).toBe(200)
    expect(await stored(id)).toMatchObject([{ state: 'applied' }, { state: 'received' }])
    now += 60_000
    await busy.service.incoming.sweep(new AbortController().signal)
    expect(await stored(id)).toMatchObject([{ state: 'applied' }, { state: 'applied' }])
  } finally {
    await busy.close()
  }
})

test('a backlog of more messages than a sweep reads at a time is worked off in one sweep', async () => {
  let now = Date.now()
  const busy = await paced(() => now)
  try {
    const { id } = await placed()
    for (let i = 0; i < 250; i++) {
      now += 1
      const body = JSON.stringify(fields(id, { ...ringing, Extra: String(i) }))
      const headers = { 'content-type': 'application/json' }
      expect((await busy.callback(id, { headers, body })).status).toBe(200)
    }
    now += 60_000
    await busy.service.settled()
    await busy.service.incoming.sweep(new AbortController().signal)
    expect((await stored(id)).filter(({ state }) => state === 'received')).toEqual([])
    expect(await stored(id)).toHaveLength(250)
  } finally {
    await busy.close()
  }
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
