/** Calls that the provider knows and we do not: whose they become, and when they wait. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { isDeepStrictEqual } from 'node:util'
import { adopt } from '../../src/calls/adopt.ts'
import { partiesOf } from '../../src/calls/exotel/parties.ts'
import type { Call } from '../../src/calls/index.ts'
import { isPostgres } from '../support/database.ts'
import { type House, openHouse, until } from './house.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

/** Takes calls when a test lets it, and keeps silent otherwise. */
const provider = silentProvider({
  async place({ id }) {
    asked.add(id)
    await answered
    return { outcome: 'placed', providerCallId: sidOf(id) }
  },
  async details(call, signal) {
    questions.push({ id: call.id, providerCallId: call.providerCallId, to: call.to })
    return await silentProvider().details(call, signal)
  },
})
const asked = new Set<string>()
const questions: object[] = []
let answered: Promise<void> = Promise.resolve()

const minute = 60_000
let time = Date.now()
let house: House
let acme: string
let other: string
beforeAll(async () => {
  house = await openHouse({ provider, now: () => time })
  acme = await house.newClient('Acme')
  other = await house.newClient('Other')
  await house.rows('insert into client_numbers (number, client_id) values ($1, $2), ($3, $4)', [
    ...['+919999900010', acme, '+919999900020', other],
  ])
})
afterAll(() => house.close())

let told = 0
function newSid(): string {
  told += 1
  return `ca1yadopted${told.toString().padStart(21, '0')}`
}

/** Passes on what a flow or the dashboard tells, at an address without our signature. */
async function tell(fields: Readonly<Record<string, string>>) {
  const query = new URLSearchParams(fields).toString()
  expect((await house.callback(undefined, { method: 'GET', query })).status).toBe(200)
  await house.service.settled()
}

const incoming = (CallSid: string, more: Readonly<Record<string, string>> = {}) => ({
  CallSid,
  CallFrom: '09876543210',
  CallTo: '09999900010',
  Direction: 'incoming',
  ...more,
})

/** Of the calls with this SID, as their client sees them. */
async function callsOf(sid: string, client = acme): Promise<Call[]> {
  const response = await house.request('/api/calls?limit=100', { client })
  const { items } = (await response.json()) as { items: Call[] }
  return items.filter(({ providerCallId }) => providerCallId === sid)
}

const stored = (sid: string) =>
  house.rows(
    `select state, reason, client_id as client from webhook_events
     where call_id = (select id from calls where provider_call_id = $1) order by received_at, id`,
    [sid],
  )

/** The last message stored. */
const last = async () =>
  (
    await house.rows(
      'select state, reason from webhook_events order by received_at desc, id desc limit 1',
    )
  )[0]

test("an incoming call is created for the client that the ExoPhone belongs to, and is nobody else's", async () => {
  const sid = newSid()
  await tell(incoming(sid, { CallType: 'call-attempt', StartTime: '2026-01-15 14:31:58' }))
  const [call] = await callsOf(sid)
  expect(call).toMatchObject({
    direction: 'inbound',
    status: 'ringing',
    from: '+919876543210',
    to: '+919999900010',
    startedAt: '2026-01-15T09:01:58.000Z',
    record: false,
    customField: null,
  })
  expect(await callsOf(sid, other)).toEqual([])
  expect(await callsOf(sid, house.clientId)).toEqual([])
  expect(await stored(sid)).toEqual([{ state: 'applied', reason: null, client: acme }])
  const created = `select client_id, actor_type, details from audit_logs
    where event_type = 'CALL_RECEIVED' and resource_id = $1`
  expect(await house.rows(created, [call?.id])).toEqual([
    { client_id: acme, actor_type: 'provider', details: { direction: 'inbound' } },
  ])
  await tell(incoming(sid, { CallType: 'incomplete', DialCallStatus: 'no-answer' }))
  expect(await callsOf(sid)).toMatchObject([{ id: call?.id, status: 'no-answer' }])
})

test('it is found by number, whatever the spelling of either', async () => {
  const sid = newSid()
  await tell(incoming(sid, { CallFrom: ' 91 98765-43299' }))
  const response = await house.request('/api/calls/search', {
    client: acme,
    method: 'POST',
    json: { number: '+919876543299' },
  })
  const { items } = (await response.json()) as { items: Call[] }
  expect(items.map(({ providerCallId }) => providerCallId)).toEqual([sid])
})

const spellings = ['09999900010', '+919999900010', '919999900010', '9999900010', '+91 99999 00010']
for (const number of spellings)
  test(`the ExoPhone is known as ${number}`, async () => {
    const sid = newSid()
    await tell(incoming(sid, { CallTo: number }))
    expect(await callsOf(sid)).toMatchObject([{ to: '+919999900010' }])
  })

for (const [from, kept] of [
  ['sip:agentone', 'sip:agentone'],
  ['anonymous', 'anonymous'],
  ['', 'unknown'],
  ['+441632960961', '+441632960961'],
  ['a caller\u0007 with bells', 'unknown'],
] as const)
  test(`a caller who is ${JSON.stringify(from)} is kept as ${kept}`, async () => {
    const sid = newSid()
    await tell(incoming(sid, { CallFrom: from, DialWhomNumber: 'sip:agenttwo' }))
    expect(await callsOf(sid)).toMatchObject([{ from: kept }])
  })

const ways: readonly [string, Readonly<Record<string, string>>, 'inbound' | 'outbound'][] = [
  [
    'inbound',
    { Direction: 'inbound', PhoneNumberSid: '09999900010', To: '09999900001' },
    'inbound',
  ],
  ['incoming', { Direction: 'incoming', To: '09999900010' }, 'inbound'],
  ['outbound-dial', { Direction: 'outbound-dial', CallFrom: '09999900010' }, 'outbound'],
  ['outbound-api', { Direction: 'outbound-api', PhoneNumberSid: '09999900010' }, 'outbound'],
  ['outbound', { Direction: 'outbound', VirtualNumber: '+919999900010' }, 'outbound'],
  ['a word that nobody knows', { Direction: 'sideways', CallerId: '09999900010' }, 'outbound'],
  ['nothing, and the ExoPhone is called', { CallTo: '09999900010' }, 'inbound'],
  ['nothing, and the ExoPhone calls', { PhoneNumberSid: '09999900010', To: '0987' }, 'outbound'],
]
for (const [word, fields, direction] of ways)
  test(`of a call whose direction is ${word} it is told that it is ${direction}`, async () => {
    const sid = newSid()
    await tell({ CallSid: sid, Status: 'in-progress', ...fields })
    expect(await callsOf(sid)).toMatchObject([{ direction }])
  })

test("between two clients' numbers the direction says whose call it is", async () => {
  const sid = newSid()
  await tell(incoming(sid, { CallFrom: '09999900020', CallTo: '09999900010' }))
  expect(await callsOf(sid, other)).toEqual([])
  expect(await callsOf(sid)).toHaveLength(1)
})

test("a number that is nobody's leaves no call, and the message is kept as unmatched", async () => {
  const sid = newSid()
  const before = await house.rows('select 1 from calls')
  await tell(incoming(sid, { CallTo: '09999900099' }))
  expect(await last()).toEqual({ state: 'unmatched', reason: 'unknown_number' })
  await tell({ CallSid: sid, Status: 'completed', DateUpdated: '2026-01-15 14:30:46' })
  expect(await last()).toEqual({ state: 'unmatched', reason: 'unknown_number' })
  expect(await house.rows('select 1 from calls')).toHaveLength(before.length)
})

test('forty messages at once about one new call make one call, and each is kept', async () => {
  const sid = newSid()
  const messages = Array.from({ length: 40 }, (_, index) =>
    incoming(sid, { digits: String(index), ...(index === 20 && { DialCallStatus: 'busy' }) }),
  )
  await Promise.all(
    messages.map((fields) =>
      house.callback(undefined, { method: 'GET', query: new URLSearchParams(fields).toString() }),
    ),
  )
  await house.service.settled()
  const found = await callsOf(sid)
  expect(found).toMatchObject([{ status: 'busy' }])
  const states = (await stored(sid)).map(({ state }) => state)
  expect(states).toEqual(Array.from({ length: 40 }, () => 'applied'))
  expect((await house.read(found[0]?.id ?? '', acme)).events).toHaveLength(40)
})

test('two messages at the very same time about one new call make one call', async () => {
  const sid = newSid()
  const query = new URLSearchParams(incoming(sid, { DialCallStatus: 'busy' })).toString()
  let sent: Promise<Response> | undefined
  await house.database.db.transaction(async (tx) => {
    await adopt(tx, house.service.context, {
      providerCallId: sid,
      parties: partiesOf({ fields: new Map(Object.entries(incoming(sid))) }),
    })
    sent = house.callback(undefined, { method: 'GET', query })
    // The embedded database runs one transaction at a time: there the other waits by itself.
    if (isPostgres) await until(isSomebodyWaiting)
  })
  expect((await sent)?.status).toBe(200)
  await until(async () => ((await last())?.['state'] === 'applied' ? true : undefined))
  expect(await callsOf(sid)).toMatchObject([{ status: 'busy' }])
})

async function isSomebodyWaiting(): Promise<true | undefined> {
  const waiting = `select 1 from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query ilike 'insert into "calls"%'`
  return (await house.rows(waiting)).length > 0 ? true : undefined
}

test('a custom field of the flow that only looks like one of our ids names no call', async () => {
  const sid = newSid()
  const CustomField = '0190aaaa-0000-7000-8000-00000000ffff'
  await tell(incoming(sid, { CustomField }))
  await tell(incoming(sid, { CustomField, DialCallStatus: 'completed', CallType: 'completed' }))
  expect(await callsOf(sid)).toMatchObject([{ status: 'completed' }])
})

test("another provider's call is not touched, whoever names it", async () => {
  const { id } = await house.place('+919876543210')
  await until(async () => (await house.read(id)).status === 'ringing' || undefined)
  await house.rows(`update calls set provider = 'simulator' where id = $1`, [id])
  await tell({ CallSid: newSid(), CustomField: id, Status: 'completed' })
  expect(await last()).toEqual({ state: 'unmatched', reason: 'unknown_number' })
  expect((await house.read(id)).status).toBe('ringing')
})

test('a forged address creates no call', async () => {
  const sid = newSid()
  await tell({ ...incoming(sid), call: crypto.randomUUID(), sig: 'guess' })
  expect(await last()).toEqual({ state: 'ignored', reason: 'bad_signature' })
  expect(await callsOf(sid)).toEqual([])
})

test('what came about an erased call does not bring it back as another', async () => {
  const sid = newSid()
  await tell(incoming(sid))
  const [call] = await callsOf(sid)
  await house.request(`/api/calls/${call?.id}`, { method: 'DELETE', client: acme })
  await tell(incoming(sid, { DialCallStatus: 'busy' }))
  expect(await last()).toEqual({ state: 'erased', reason: null })
  expect(await callsOf(sid)).toEqual([])
})

test('it is never placed, and the provider is asked about it where its messages leave it open', async () => {
  const [open, clear] = [newSid(), newSid()]
  await tell(incoming(open))
  await tell(incoming(clear, { CallType: 'call-attempt' }))
  const [call] = await callsOf(open)
  questions.length = 0
  await house.jobs.send(house.database.db, 'calls.reconcile', {})
  house.jobs.wake('calls.reconcile')
  const question = { id: call?.id, providerCallId: open, to: '+919999900010' }
  await until(async () => questions.some((one) => isDeepStrictEqual(one, question)) || undefined)
  expect(JSON.stringify(questions)).not.toContain(clear)
  expect(asked.has(call?.id ?? '')).toBe(false)
})

/** A call that the provider has been asked for, and has not answered yet; ends with what it gives. */
async function beingPlaced() {
  const answer = Promise.withResolvers<void>()
  answered = answer.promise
  const { id } = await house.place('+919876543210')
  await until(async () => asked.has(id) || undefined)
  const placed = async (status = 'ringing') => {
    answer.resolve()
    await until(async () => (await house.read(id)).status === status || undefined)
  }
  return { id, placed, answer: () => answer.resolve() }
}

const dashboard = (CallSid: string) => ({
  CallSid,
  Direction: 'outbound-api',
  PhoneNumberSid: '09999900010',
  From: '09999900001',
  To: '09876543210',
  Status: 'in-progress',
})

const sweep = async (later: number) => {
  time += later
  await house.service.incoming.sweep(new AbortController().signal)
}

test('a message that may be about a call being placed waits for its name, and is applied to it', async () => {
  const { id, placed } = await beingPlaced()
  await tell({ ...dashboard(sidOf(id)), Status: 'completed' })
  expect(await last()).toEqual({ state: 'received', reason: 'being_placed' })
  await placed()
  expect((await house.read(id)).status).toBe('ringing')
  await sweep(minute)
  expect(await last()).toEqual({ state: 'applied', reason: null })
  expect((await house.read(id)).status).toBe('completed')
  expect(await callsOf(sidOf(id))).toEqual([])
})

/** Of a call that a client erased, all that is left. */
const remains = (id: string) =>
  house.rows('select status, provider_call_id as name from calls where id = $1', [id])

test('a call that is erased while it is asked for does not come back as another', async () => {
  const { id, answer } = await beingPlaced()
  const erased = await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  expect(erased.status).toBe(204)
  // It goes on, as far as anybody knows: so it is counted.
  expect(await remains(id)).toEqual([{ status: 'queued', name: null }])
  // By neither our signature nor our id: before the answer that names it, and after.
  await tell(dashboard(sidOf(id)))
  expect(await last()).toEqual({ state: 'received', reason: 'being_placed' })
  answer()
  const mark = { status: 'queued', name: expect.stringMatching(/^erased:/) }
  await until(async () => ((await remains(id))[0]?.['name'] === null ? undefined : true))
  expect(await remains(id)).toEqual([mark])
  await sweep(minute)
  expect(await last()).toEqual({ state: 'erased', reason: null })
  await tell({ ...dashboard(sidOf(id)), Status: 'completed' })
  expect(await last()).toEqual({ state: 'erased', reason: null })
  expect(await callsOf(sidOf(id))).toEqual([])
  expect(await remains(id)).toEqual([mark])
})

test('an erased call that stays without a name keeps messages waiting for two minutes only', async () => {
  const { id, answer } = await beingPlaced()
  await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  const sid = newSid()
  await tell(dashboard(sid))
  expect(await last()).toEqual({ state: 'received', reason: 'being_placed' })
  await sweep(minute)
  expect(await callsOf(sid)).toEqual([])
  await sweep(minute + 1)
  expect(await callsOf(sid)).toHaveLength(1)
  answer()
})

test('where our id comes back in the custom field, nothing has to wait', async () => {
  const { id, placed } = await beingPlaced()
  await tell({ ...dashboard(sidOf(id)), CustomField: id, Status: 'busy' })
  expect(await last()).toEqual({ state: 'applied', reason: null })
  expect(await house.read(id)).toMatchObject({ status: 'busy', providerCallId: sidOf(id) })
  await placed('busy')
})

test('four fields alone wait likewise, and an incoming call does not', async () => {
  const { id, placed } = await beingPlaced()
  await tell({ CallSid: sidOf(id), Status: 'busy' })
  expect(await last()).toEqual({ state: 'received', reason: 'being_placed' })
  const sid = newSid()
  await tell(incoming(sid))
  expect(await callsOf(sid)).toHaveLength(1)
  const dialled = newSid()
  await tell({ ...dashboard(dialled), Direction: 'outbound-dial' })
  expect(await callsOf(dialled)).toHaveLength(1)
  await placed()
  await sweep(minute)
  expect((await house.read(id)).status).toBe('busy')
})

test('a message that waits in vain is taken over after two hours, having been tried a few times', async () => {
  const { placed } = await beingPlaced()
  const sid = newSid()
  await tell(dashboard(sid))
  let tries = 0
  let tried: unknown
  const processed = async () =>
    (
      await house.rows('select processed_at from webhook_events order by received_at desc limit 1')
    )[0]
  for (let age = 0; age < 119; age += 1) {
    await sweep(minute)
    const now = JSON.stringify(await processed())
    if (now !== tried) tries += 1
    tried = now
  }
  expect(await last()).toEqual({ state: 'received', reason: 'being_placed' })
  expect(tries).toBeLessThan(20)
  await sweep(15 * minute)
  expect(await callsOf(sid)).toHaveLength(1)
  await placed()
})

test('calls that are asked for after a message has come do not make it wait', async () => {
  const { placed } = await beingPlaced()
  const sid = newSid()
  await tell(dashboard(sid))
  await placed()
  time += 5 * minute
  const next = await beingPlaced()
  await sweep(minute)
  expect(await callsOf(sid)).toHaveLength(1)
  await next.placed()
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
