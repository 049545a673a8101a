/** Every sample of a callback and of a passthru request, over HTTP: the call that it leaves. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Call } from '../../src/calls/index.ts'
import { type House, openHouse, until } from './house.ts'
import { sampleMessage, sampleNames } from './sample-messages.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
beforeAll(async () => {
  house = await openHouse({ provider: silentProvider({ settlesAfter: 120_000 }) })
  await house.rows('insert into client_numbers (number, client_id) values ($1, $2)', [
    ...['+919999900010', house.clientId],
  ])
})
afterAll(() => house.close())

/** A time of the samples' afternoon, which is India's. */
const at = (time: string) => new Date(`2026-01-15T${time}+05:30`).toISOString()

const started = { startedAt: at('14:25:12') }
const nobody = { ...started, answeredAt: null, durationSeconds: 0, record: false }
const open = { ...started, answeredAt: null, endedAt: null, durationSeconds: null }
const talked = {
  ...started,
  status: 'completed',
  answeredAt: at('14:25:25'),
  endedAt: at('14:30:45'),
  durationSeconds: 320,
  record: true,
  failureReason: null,
} as const

/**
 * What a call that we have placed becomes by a callback. One that tells of a recording makes the call
 * one with a recording; that it can be had is for the provider's own record to say.
 */
const placed: Readonly<Record<string, Partial<Call>>> = {
  '10-callback-terminal-completed.json': talked,
  '11-callback-terminal-busy.json': { ...nobody, status: 'busy', endedAt: at('14:25:40') },
  '12-callback-terminal-no-answer-leg2.json': {
    ...nobody,
    ...{ status: 'no-answer', endedAt: at('14:26:02') },
  },
  '13-callback-terminal-no-answer-leg1.json': {
    ...nobody,
    ...{ status: 'no-answer', endedAt: at('14:25:52') },
  },
  '14-callback-terminal-failed.json': {
    ...nobody,
    ...{ status: 'failed', endedAt: at('14:25:20'), failureReason: 'caller_not_reached' },
  },
  '15-callback-terminal-failed-leg2-canceled.json': {
    ...nobody,
    ...{ status: 'canceled', endedAt: at('14:25:34'), failureReason: null },
  },
  '16-callback-terminal-canceled-toplevel.json': {
    ...nobody,
    ...{ status: 'canceled', endedAt: at('14:25:34') },
  },
  '17-callback-answered-leg1.json': { ...open, status: 'ringing' },
  '18-callback-answered-leg2.json': {
    ...open,
    ...{ status: 'in-progress', answeredAt: at('14:25:25') },
  },
  '20-callback-terminal-completed.multipart.txt': talked,
  '21-callback-default-four-fields.multipart.txt': {
    status: 'completed',
    endedAt: null,
    durationSeconds: null,
    record: true,
  },
  '22-callback-terminal-completed.urlencoded.txt': talked,
  '23-callback-answered-leg1.multipart.txt': { ...open, status: 'ringing' },
}

const incoming = {
  direction: 'inbound',
  from: '+919999900002',
  to: '+919999900010',
  startedAt: at('14:31:58'),
  answeredAt: null,
  // Passthru tells a placeholder in place of the end, and the ring time with the talk time.
  endedAt: null,
  durationSeconds: null,
  record: false,
  failureReason: null,
} as const
const popup = { ...incoming, status: 'ringing', startedAt: at('14:31:59') } as const

/** What a call that nobody here knows becomes by its first message. */
const adopted: Readonly<Record<string, Partial<Call>>> = {
  '30-passthru-incoming-completed-recording.query.txt': {
    ...incoming,
    ...{ status: 'completed', record: true },
  },
  '31-passthru-incoming-missed.query.txt': { ...incoming, status: 'no-answer' },
  '32-passthru-incoming-client-hangup.query.txt': { ...incoming, status: 'canceled' },
  '33-passthru-incoming-declined.query.txt': { ...incoming, status: 'busy' },
  '34-passthru-incoming-first-applet.query.txt': { ...incoming, status: 'ringing' },
  '35-passthru-incoming-digits.query.txt': { ...incoming, status: 'ringing' },
  '36-passthru-incoming-voicemail.query.txt': {
    ...incoming,
    ...{ status: 'no-answer', record: true },
  },
  '37-passthru-outgoing-completed.query.txt': {
    ...incoming,
    ...{ status: 'completed', direction: 'outbound', from: '+919999900010', to: '+919999900002' },
  },
  '38-passthru-insights.query.txt': { ...incoming, status: 'completed' },
  '39-agent-popup-dial.query.txt': popup,
  '40-agent-popup-free.query.txt': popup,
  '70-integration-core-terminal.json': {
    status: 'completed',
    direction: 'outbound',
    from: 'sip:agentone',
    to: '+919999900002',
    startedAt: at('14:31:08'),
    endedAt: at('14:31:29'),
  },
}

test('every sample has its test below', () => {
  expect([...Object.keys(placed), ...Object.keys(adopted)].sort()).toEqual([...sampleNames])
})

/** What became of the messages about a call. */
const states = async (id: string) =>
  await house.rows('select state, deliveries from webhook_events where call_id = $1', [id])

for (const [name, expected] of Object.entries(placed))
  test(`${name} makes a call of ours ${expected.status}, once however often it comes`, async () => {
    const { id } = await house.place('+919999900002')
    await until(async () => (await house.read(id)).status === 'ringing' || undefined)
    const message = await sampleMessage(name, { sid: sidOf(id), id })
    for (const _ of [1, 2]) expect((await house.send(id, message)).status).toBe(200)
    await house.service.settled()
    const { events, ...call } = await house.read(id)
    expect(call).toMatchObject({ ...expected, direction: 'outbound', providerCallId: sidOf(id) })
    expect(call.recordingAvailable).toBe(false)
    const callbacks = events.filter(({ source }) => source === 'callback')
    expect(callbacks.map(({ status }) => status)).toEqual([expected.status ?? 'ringing'])
    expect(await states(id)).toEqual([{ state: 'applied', deliveries: 2 }])
  })

let seen = 0
for (const [name, expected] of Object.entries(adopted))
  test(`${name} leaves an ${expected.direction} call that is ${expected.status}`, async () => {
    seen += 1
    const sid = `ca1y${String(seen).padStart(28, 'x')}`
    const sent = await house.send(undefined, await sampleMessage(name, { sid }))
    expect([sent.status, await sent.text()]).toEqual([200, 'OK'])
    expect(sent.headers.get('content-type')).toStartWith('text/plain')
    await house.service.settled()
    const [row] = await house.rows('select id from calls where provider_call_id = $1', [sid])
    const { events, ...call } = await house.read(String(row?.['id']))
    expect(call).toMatchObject({ ...expected, providerCallId: sid })
    expect(events.map(({ status }) => status)).toEqual([expected.status ?? 'ringing'])
  })

test('one callback in three spellings is one event', async () => {
  const { id } = await house.place('+919999900002')
  for (const name of sampleNames.filter((name) => name.includes('terminal-completed')))
    expect((await house.send(id, await sampleMessage(name, { sid: sidOf(id), id }))).status).toBe(
      200,
    )
  await house.service.settled()
  expect(await states(id)).toEqual([{ state: 'applied', deliveries: 3 }])
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
