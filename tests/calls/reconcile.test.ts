/** What is asked about calls without news, run by run. */
import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { dispatch } from '../../src/calls/dispatch.ts'
import type { CallDetails, CallProvider } from '../../src/calls/index.ts'
import { reconcile } from '../../src/calls/reconcile.ts'
import { type House, openHouse, until } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

type Answer = readonly CallDetails[] | Error

/** What the provider answers to a question about a call, and what it was asked. */
let answer: (asked: { id: string; sid: string | null }) => Answer | Promise<Answer> = () => []
let asked: string[] = []
let nameToGive = ''

const provider: CallProvider = {
  name: 'exotel',
  settlesAfter: 60_000,
  place: async () => ({ outcome: 'placed', providerCallId: nameToGive }),
  async details({ id, providerCallId }) {
    asked.push(id)
    const found = await answer({ id, sid: providerCallId })
    if (found instanceof Error) throw found
    return found
  },
  recording: async () => undefined,
  close: async () => {},
}

let house: House
beforeAll(async () => {
  house = await openHouse({ provider, jobs: false })
  // Nobody places anything but the tests.
  await house.jobs.work('calls.place', async () => {}, { keyed: true, retries: 0, timeout: 60 })
})
afterAll(() => house.close())
afterEach(async () => {
  // A test's open calls are no business of the next one.
  await house.rows(`update calls set status = 'canceled', inquire_at = null`)
  answer = () => []
  asked = []
})

let names = 0
const newName = () => {
  names += 1
  return `sid${names}`
}

/** A record of a call as the provider has it, made so many seconds ago. */
const record = (providerCallId: string, secondsAgo: number, more: object = {}): CallDetails => ({
  providerCallId,
  createdAt: new Date(Date.now() - secondsAgo * 1000),
  at: new Date(),
  news: { authority: 'details', status: 'in-progress' },
  settled: false,
  ...more,
})

/** A call that the provider was asked for so many seconds ago. */
async function dispatched(to: string, secondsAgo: number, sid?: string): Promise<string> {
  const { id } = await house.place(to)
  await house.rows(
    `update calls set dispatched_at = now() - $2 * interval '1 second', provider_call_id = $3
     where id = $1`,
    [id, secondsAgo, sid ?? null],
  )
  return id
}

/** One run, in which every open call has its turn. */
async function run(signal = new AbortController().signal): Promise<void> {
  await house.rows(`update calls set last_heard_at = to_timestamp(0) where erased_at is null`)
  await reconcile(house.service.context, { after: 1000, signal })
}

const nameOf = async (id: string) => (await house.read(id)).providerCallId

let last = 0
const newNumber = () => {
  last += 1
  return `+9199997${String(last).padStart(5, '0')}`
}

test('a call is not given up while the answer to its request may be on its way', async () => {
  const fresh = await dispatched(newNumber(), 45)
  const old = await dispatched(newNumber(), 61)
  await run()
  expect(await house.read(fresh)).toMatchObject({ status: 'queued' })
  expect(await house.read(old)).toMatchObject({ status: 'failed', failureReason: 'not_placed' })
})

test('a call that is found by its numbers, and is the only one, takes its name at once', async () => {
  const id = await dispatched(newNumber(), 5)
  const sid = newName()
  answer = () => [record(sid, 5)]
  await run()
  expect(await house.read(id)).toMatchObject({ status: 'in-progress', providerCallId: sid })
})

test('of two calls between the same numbers neither takes the name while callbacks may tell', async () => {
  const to = newNumber()
  const one = await dispatched(to, 40)
  const other = await dispatched(to, 10)
  const sid = newName()
  answer = () => [record(sid, 10)]
  await run()
  await run()
  expect(asked.filter((id) => id === one || id === other)).toHaveLength(4)
  expect([await nameOf(one), await nameOf(other)]).toEqual([null, null])
})

test('when patience is over, the calls take the names in the order in which they were asked for', async () => {
  const to = newNumber()
  const ids = [await dispatched(to, 90), await dispatched(to, 80), await dispatched(to, 70)]
  const [first, second] = [newName(), newName()]
  answer = () => [record(second, 69), record(first, 88)]
  await run()
  // There is no call left for the third one.
  answer = ({ sid }) =>
    [record(second, 69), record(first, 88)].filter(
      (one) => sid === null || one.providerCallId === sid,
    )
  await run()
  await run()
  expect(await Promise.all(ids.map(nameOf))).toEqual([first, second, null])
  expect(await house.read(ids[2] ?? '')).toMatchObject({
    status: 'failed',
    failureReason: 'not_placed',
  })
})

test('a call is not given up while an earlier one may still leave it the name', async () => {
  const to = newNumber()
  const earlier = await dispatched(to, 90)
  const later = await dispatched(to, 70)
  const sid = newName()
  answer = ({ id }) => (id === earlier ? new Error('not now') : [record(sid, 69)])
  await run()
  expect(await house.read(later)).toMatchObject({ status: 'queued', providerCallId: null })
  house.errors.splice(0)
})

test('calls between other numbers, or of another hour, do not keep each other waiting', async () => {
  const to = newNumber()
  await dispatched(to, 300)
  await dispatched(newNumber(), 10)
  const id = await dispatched(to, 10)
  const sid = newName()
  answer = (question) => (question.id === id ? [record(sid, 10)] : new Error('not now'))
  await run()
  expect(await nameOf(id)).toBe(sid)
  house.errors.splice(0)
})

/** A call that has taken, by the search, what may be another one's name. */
async function guess(to: string): Promise<{ id: string; sid: string }> {
  const id = await dispatched(to, 30)
  const sid = newName()
  answer = () => [
    record(sid, 30, {
      news: { authority: 'details', status: 'completed', endedAt: new Date(), durationSeconds: 42 },
    }),
  ]
  await run()
  expect(await house.read(id)).toMatchObject({ status: 'completed', providerCallId: sid })
  return { id, sid }
}

const callback = (call: string | undefined, sid: string, more: object = {}) =>
  house.callback(call, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ CallSid: sid, EventType: 'answered', Status: 'in-progress', ...more }),
  })

test('a callback to a call’s own address takes its name back from one that had only guessed it', async () => {
  const to = newNumber()
  const { id: guesser, sid } = await guess(to)
  const owner = await dispatched(to, 35)
  await callback(owner, sid)
  await until(async () => ((await nameOf(owner)) === sid ? true : undefined))
  expect(await nameOf(guesser)).toBeNull()
  // What was heard stays until more is known; the provider is asked about it again.
  expect((await house.read(guesser)).status).toBe('completed')
  const own = newName()
  answer = ({ id }) => (id === guesser ? [record(sid, 35), record(own, 28)] : [])
  await run()
  expect(await nameOf(guesser)).toBe(own)
})

test('a late answer to a call’s own request takes its name back, too', async () => {
  const to = newNumber()
  const { id: guesser, sid } = await guess(to)
  nameToGive = sid
  const { id: owner } = await house.place(to)
  const { signal } = new AbortController()
  const attempt = { callId: owner, signal, stopping: signal, last: true }
  await dispatch(house.service.context, attempt)
  expect(await house.read(owner)).toMatchObject({ status: 'ringing', providerCallId: sid })
  expect(await nameOf(guesser)).toBeNull()
})

test('a name that the call’s own callback has confirmed is taken by nobody any more', async () => {
  const to = newNumber()
  const { id: holder, sid } = await guess(to)
  await callback(holder, sid)
  await until(async () => {
    const [row] = await house.rows('select guessed from calls where id = $1', [holder])
    return row?.['guessed'] === false ? true : undefined
  })
  const other = await dispatched(to, 35)
  await callback(other, sid, { Unlike: 'the first' })
  await until(async () => {
    const rows = await house.rows(`select 1 from webhook_events where reason = 'call_mismatch'`)
    return rows.length > 0 ? true : undefined
  })
  expect([await nameOf(holder), await nameOf(other)]).toEqual([sid, null])
})

test('a message that only knows the provider’s name confirms no guess', async () => {
  const to = newNumber()
  const { id: guesser, sid } = await guess(to)
  await callback(undefined, sid)
  await until(async () => {
    const rows = await house.rows(
      `select 1 from webhook_events where call_id = $1 and state = 'applied'`,
      [guesser],
    )
    return rows.length > 0 ? true : undefined
  })
  const owner = await dispatched(to, 35)
  await callback(owner, sid, { Unlike: 'the first' })
  await until(async () => ((await nameOf(owner)) === sid ? true : undefined))
  expect(await nameOf(guesser)).toBeNull()
  const [row] = await house.rows(
    `select last_heard_at < now() - interval '1 day' as is_next from calls where id = $1`,
    [guesser],
  )
  expect(row?.['is_next']).toBe(true)
})

test('a call that has guessed wrong takes the name that its own callback has', async () => {
  const { id } = await guess(newNumber())
  const sid = newName()
  await callback(id, sid)
  await until(async () => ((await nameOf(id)) === sid ? true : undefined))
})

/** Longer than any call lasts: 4 hours, its ringing, a quarter of an hour. */
const tooLong = 14_400 + 80 + 901

test('a call that goes on for ever by its record has never ended, once none lasts so long', async () => {
  const [sid, other] = [newName(), newName()]
  const id = await dispatched(newNumber(), tooLong, sid)
  const under = await dispatched(newNumber(), tooLong - 120, other)
  answer = (question) => [record(question.sid ?? '', tooLong)]
  await run()
  expect(await house.read(id)).toMatchObject({ status: 'failed', failureReason: 'never_ended' })
  expect((await house.read(under)).status).toBe('in-progress')
})

test('a final word that never gets its end is believed without it, once no call lasts so long', async () => {
  const [sid, other] = [newName(), newName()]
  const id = await dispatched(newNumber(), tooLong, sid)
  const under = await dispatched(newNumber(), 600, other)
  const endedAt = new Date('2026-01-15T08:55:10Z')
  const claimed = { authority: 'details', status: 'no-answer', endedAt } as const
  const news = { authority: 'details' } as const
  answer = (question) => [record(question.sid ?? '', tooLong, { news, claimed })]
  await run()
  expect(await house.read(id)).toMatchObject({
    status: 'no-answer',
    endedAt: endedAt.toISOString(),
    failureReason: null,
  })
  expect((await house.read(under)).status).toBe('queued')
})

test('a provider that gives no answer is waited for a day longer', async () => {
  const id = await dispatched(newNumber(), tooLong, newName())
  const older = await dispatched(newNumber(), tooLong + 86_400, newName())
  answer = () => new Error('not now')
  await run()
  expect((await house.read(id)).status).toBe('queued')
  expect(await house.read(older)).toMatchObject({ failureReason: 'never_ended' })
  expect(house.errors.splice(0)).toHaveLength(2)
})

test('calls that wait to be placed do not keep those from being asked about that were', async () => {
  const id = await dispatched(newNumber(), 600, newName())
  const { id: waiting } = await house.place(newNumber())
  await house.rows(
    `insert into calls select (copy).* from (
       select jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'last_heard_at', to_timestamp(0))) copy
       from calls c, generate_series(1, 150) where c.id = $1) copies`,
    [waiting],
  )
  const { signal } = new AbortController()
  await house.rows(`update calls set last_heard_at = now() - interval '1 hour' where id = $1`, [id])
  await reconcile(house.service.context, { after: 1000, signal })
  expect(asked).toContain(id)
})

test('a run ends when it is to, whatever the provider does', async () => {
  await dispatched(newNumber(), 10)
  const stop = new AbortController()
  answer = () => {
    stop.abort()
    return new Promise<never>(() => {})
  }
  await run(stop.signal)
  expect(asked).toHaveLength(1)
  house.errors.splice(0)
})

test('nothing else went wrong unseen', () => expect(house.errors).toEqual([]))
