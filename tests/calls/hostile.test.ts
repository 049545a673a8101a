/** Each of the hostile messages, over HTTP: what is made of it, and what becomes of its call. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { CallWithEvents } from '../../src/calls/index.ts'
import { type House, openHouse, until } from './house.ts'
import { about, sampleLines, sampleMessage } from './sample-messages.ts'
import { sidOf, silentProvider } from './silent-provider.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

interface Hostile {
  readonly id: string
  readonly method: string
  readonly contentType?: string
  readonly query?: string
  readonly body?: string
  readonly why: string
  /** What the collection advises. */
  readonly expect: string
}

const messages = await sampleLines<Hostile>('80-hostile.jsonl')

/** What is to become of a message, and of the call at whose address it comes. */
interface Verdict {
  readonly state: 'applied' | 'ignored' | 'unmatched' | 'malformed'
  readonly reason?: string
  /** Fields of the call after it. @default as it was before */
  readonly call?: Partial<CallWithEvents>
  /** Whether reconciliation is to ask about the call as soon as it runs. @default false */
  readonly asked?: boolean
}

const malformed: Verdict = { state: 'malformed', reason: 'malformed' }
const nameless: Verdict = { state: 'ignored', reason: 'no_call_id' }
const mismatch: Verdict = { state: 'ignored', reason: 'call_mismatch' }
const unclear: Verdict = {
  state: 'applied',
  call: { status: 'ringing', endedAt: null },
  asked: true,
}
const becomes = (call: Partial<CallWithEvents>): Verdict => ({ state: 'applied', call })

const end = '2026-01-15T09:00:45.000Z'
const completed = becomes({ status: 'completed', durationSeconds: 320, endedAt: end })
const withoutTalk = becomes({ status: 'completed', durationSeconds: null, answeredAt: null })
const withoutEnd = becomes({ status: 'completed', durationSeconds: 320, endedAt: null })
/** That there is a recording is for the provider's own record to say. */
const recorded = becomes({ status: 'completed', record: true, recordingAvailable: false })
const barely = becomes({ status: 'completed', durationSeconds: null, endedAt: null })

/** By id; those at the end are about an incoming call that rings. */
const verdicts: Readonly<Record<string, Verdict>> = {
  'recording-attacker-host': recorded,
  'recording-userinfo': recorded,
  'recording-suffix': recorded,
  'recording-other-bucket': recorded,
  'recording-metadata': recorded,
  'recording-file': recorded,
  'recording-null-string': becomes({ status: 'completed', record: false }),
  'sid-missing': nameless,
  'sid-array': nameless,
  'sid-object': nameless,
  'sid-long': nameless,
  'sid-sql': nameless,
  'sid-not-hex': becomes({
    status: 'completed',
    providerCallId: '00ca1y000000000000000000000zz62m',
  }),
  'sid-other-tenant': mismatch,
  'custom-mismatch': mismatch,
  'status-unknown': unclear,
  'status-null-string': unclear,
  'status-missing': unclear,
  'status-case-cancelled': becomes({ status: 'canceled' }),
  'durations-strings': completed,
  'duration-negative': withoutTalk,
  'duration-huge': withoutTalk,
  'duration-text': withoutTalk,
  'end-epoch': withoutEnd,
  'end-zero-year': withoutEnd,
  'end-before-start': withoutEnd,
  'end-future': withoutEnd,
  'time-invalid-day': withoutEnd,
  'legs-null': completed,
  'legs-object': completed,
  // The callee's leg is busy, whatever the top says.
  'legs-many': becomes({ status: 'busy' }),
  'legs-sparse-form': barely,
  'proto-form': barely,
  'proto-json': barely,
  'dup-keys-json': barely,
  'crlf-custom': completed,
  'csv-custom': completed,
  'control-chars': completed,
  'lone-surrogate': completed,
  'json-truncated': malformed,
  'json-array': malformed,
  'json-scalar': malformed,
  'json-deep': unclear,
  'empty-body': malformed,
  'json-as-form': completed,
  'form-as-json': barely,
  'no-content-type': completed,
  'multipart-no-boundary': malformed,
  'multipart-file': malformed,
  'charset-utf16': malformed,
  'extra-fields': completed,
  'event-unknown': becomes({ status: 'ringing', endedAt: null, durationSeconds: null }),
  'dup-keys-query': nameless,
  'array-query': { state: 'applied', asked: true },
  'digits-quotes-only': { state: 'applied', asked: true },
  'digits-script': { state: 'applied', asked: true },
  'digits-plus': { state: 'applied', asked: true },
  'plus-number': becomes({ status: 'ringing', direction: 'inbound', from: '+919999900002' }),
  'sip-number': { state: 'applied', asked: true },
  'number-withheld': becomes({ status: 'ringing', direction: 'inbound', from: 'anonymous' }),
  'popup-busy': { state: 'applied', asked: false },
}

/** Of the samples' calls, but for the last three digits. */
const sampleSid = 'ca1y0000000000000000000000000'

/** Whether the provider answers now who the call is. */
let answered: Promise<void> = Promise.resolve()
/** Calls whose recording the provider was asked for. */
const fetched: unknown[] = []

let house: House
let other: string
beforeAll(async () => {
  const provider = silentProvider({
    settlesAfter: 120_000,
    async place({ id }) {
      await answered
      return { outcome: 'placed', providerCallId: sidOf(id) }
    },
    async recording(call) {
      fetched.push(call)
      return undefined
    },
  })
  house = await openHouse({ provider })
  other = await house.newClient('Other')
  await house.rows('insert into client_numbers (number, client_id) values ($1, $2)', [
    ...['+919999900010', house.clientId],
  ])
})
afterAll(() => house.close())

/** A call that rings, with the name that the provider has given it. */
async function placed(client = house.clientId) {
  const json = { from: '+919999900001', to: '+919999900002' }
  const response = await house.request('/api/calls', { method: 'POST', client, json })
  const { id } = (await response.json()) as { id: string }
  return await until(async () => {
    const call = await house.read(id, client)
    return call.status === 'ringing' ? { id, sid: sidOf(id) } : undefined
  })
}

/** A call whose name the provider has not told yet. */
async function unnamed() {
  const { id } = await house.place('+919999900002')
  await until(async () => {
    const [row] = await house.rows('select dispatched_at from calls where id = $1', [id])
    return row?.['dispatched_at'] === null ? undefined : true
  })
  return { id, sid: sidOf(id) }
}

/** An incoming call that rings already; for some messages, its name alone. */
async function incoming(id: string) {
  const sid = `ca1y${String(messages.findIndex((one) => one.id === id)).padStart(28, 'x')}`
  if (id === 'plus-number' || id === 'number-withheld') return { sid }
  const message = await sampleMessage('34-passthru-incoming-first-applet.query.txt', { sid })
  await house.send(undefined, message)
  await house.service.settled()
  const [row] = await house.rows('select id from calls where provider_call_id = $1', [sid])
  return { sid, id: String(row?.['id']) }
}

const last = async () =>
  (
    await house.rows(
      'select id, state, reason, sealed from webhook_events order by received_at desc, id desc limit 1',
    )
  )[0]

const isAskedNext = async (id: string) => {
  const text = `select last_heard_at < now() - interval '1 day' as asked from calls where id = $1`
  return (await house.rows(text, [id]))[0]?.['asked'] === true
}

for (const { id: name, method, contentType = '', query = '', body = '', ...notes } of messages)
  test(`${name} (${notes.why}): ${notes.expect}`, async () => {
    const verdict = verdicts[name]
    if (verdict === undefined) throw new Error(`${name} has no verdict`)
    const answer = Promise.withResolvers<void>()
    if (name === 'sid-not-hex') answered = answer.promise
    const isIncoming = method === 'GET'
    const call = isIncoming
      ? await incoming(name)
      : await (name === 'sid-not-hex' ? unnamed() : placed())
    const theirs = name === 'sid-other-tenant' ? await placed(other) : undefined
    const before = call.id === undefined ? undefined : await house.read(call.id)

    const second = `${sampleSid}202`
    const rewritten = (text: string) =>
      about(text.replaceAll(second, 'ca1ysecond').replaceAll(' ', isIncoming ? '%20' : ' '), call)
        // Of another client's call.
        .replaceAll(`${sampleSid}999`, theirs?.sid ?? '')
    const sent = await house.send(isIncoming ? undefined : call.id, {
      method,
      query: rewritten(query),
      contentType,
      body: new TextEncoder().encode(rewritten(body)),
    })
    expect([sent.status, await sent.text()]).toEqual([200, 'OK'])
    await house.service.settled()

    const { id, state, reason, sealed } = (await last()) ?? {}
    expect({ state, reason }).toEqual({ state: verdict.state, reason: verdict.reason ?? null })
    const kept = house.service.context.vault.openMessage(String(id), sealed as Uint8Array)
    expect(new TextDecoder().decode(kept.body)).toBe(rewritten(body))
    expect(kept.query).toContain(rewritten(query))

    const [row] = await house.rows('select id from calls where provider_call_id = $1', [
      verdict.call?.providerCallId ?? call.sid,
    ])
    const after = await house.read(call.id ?? String(row?.['id']))
    if (verdict.call !== undefined) expect(after).toMatchObject(verdict.call)
    else expect({ ...after, events: [] }).toEqual({ ...after, ...before, events: [] })
    if (theirs !== undefined) expect((await house.read(theirs.id, other)).status).toBe('ringing')
    const heard = after.events.filter(({ source }) => source === 'callback').length
    expect(heard - (before?.events.filter(({ source }) => source === 'callback').length ?? 0)).toBe(
      verdict.state === 'applied' ? 1 : 0,
    )
    if (verdict.asked !== undefined || verdict.state !== 'applied')
      expect(await isAskedNext(after.id)).toBe(verdict.asked ?? false)
    if (verdict.state === 'ignored' || verdict.state === 'malformed')
      expect(
        await house.rows(
          `select details->>'reason' as reason from audit_logs
           where event_type = 'WEBHOOK_REJECTED' and resource_id = $1`,
          [id],
        ),
      ).toEqual([{ reason: verdict.reason }])
    answer.resolve()
    answered = Promise.resolve()
  })

test('the address of a recording in a callback is never handed on', async () => {
  const { id, sid } = await placed()
  const hostile = messages.filter((one) => one.id.startsWith('recording-'))
  for (const { body = '' } of hostile)
    await house.send(id, {
      method: 'POST',
      query: '',
      contentType: 'application/json',
      body: new TextEncoder().encode(about(body, { sid, id })),
    })
  await house.service.settled()
  expect((await house.request(`/api/calls/${id}/recording`)).status).toBe(404)
  expect(fetched).toEqual([])
  const [row] = await house.rows('select sealed from calls where id = $1', [id])
  const secrets = house.service.context.vault.openCall(id, row?.['sealed'] as Uint8Array)
  expect(JSON.stringify(secrets)).not.toMatch(/attacker|169\.254|passwd|amazonaws|\.mp3/)
})

test('there are 61 of them, each with its verdict, and none has polluted anything', () => {
  expect(messages).toHaveLength(61)
  expect(messages.map(({ id }) => id).sort()).toEqual(Object.keys(verdicts).sort())
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
