import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { CallDetails, CallProvider, Placement } from '../../src/calls/index.ts'
import { caller, type House, openHouse, until } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

/** What the provider answers, and what it was asked. */
let placements: Placement[]
let details: readonly CallDetails[]
let placed: string[]
let asked: string[]

const scripted: CallProvider = {
  name: 'exotel',
  async place({ id, from, to, callbackUrl }) {
    expect(from).toBe(caller)
    expect(to).toStartWith('+91')
    expect(callbackUrl).toContain(`call=${id}`)
    placed.push(id)
    return placements.shift() ?? { outcome: 'placed', providerCallId: id.replaceAll('-', '') }
  },
  async details({ id }) {
    asked.push(id)
    return details
  },
  recording: async () => undefined,
  close: async () => {},
}

let house: House
beforeAll(async () => {
  house = await openHouse({ provider: scripted, reconcileAfter: 1000 })
})
afterAll(() => house.close())
beforeEach(() => {
  placements = []
  details = []
  placed = []
  asked = []
})

const asksFor = (id: string) => placed.filter((one) => one === id).length
const number = '+919999900010'

test('a call that the provider refuses has failed, and says why', async () => {
  placements = [{ outcome: 'refused', reason: 'no_balance' }]
  const { id } = await house.place(number)
  expect(await house.ended(id)).toMatchObject({ status: 'failed', failureReason: 'no_balance' })
  expect(asksFor(id)).toBe(1)
})

test('a call that was certainly not placed is tried again', async () => {
  placements = [{ outcome: 'retry', reason: 'rate_limited' }]
  const { id } = await house.place(number)
  await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
  expect(asksFor(id)).toBe(2)
  expect(house.errors.splice(0).map(String)).toEqual([
    'Error: The call was not placed: rate_limited',
  ])
})

test('a call of unknown outcome is never placed again; the provider is asked how it went', async () => {
  placements = [{ outcome: 'unknown', reason: 'timeout' }]
  const { id } = await house.place(number)
  await until(async () => (asked.includes(id) ? true : undefined))
  expect((await house.read(id)).status).toBe('queued')
  details = [
    {
      providerCallId: id.replaceAll('-', ''),
      at: new Date(),
      news: { authority: 'details', status: 'completed', endedAt: new Date(), durationSeconds: 7 },
      settled: true,
    },
  ]
  expect(await house.ended(id)).toMatchObject({ status: 'completed', durationSeconds: 7 })
  expect(asksFor(id)).toBe(1)
})

test('a job that finds its call dispatched, as after a crash, does not place it again', async () => {
  const { id } = await house.place(number)
  await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
  await house.rows(`update calls set status = 'queued', provider_call_id = null where id = $1`, [
    id,
  ])
  const { jobs, database } = house
  await Promise.all(
    ['1', '2', '3'].map((key) => jobs.send(database.db, 'calls.place', { callId: id }, { key })),
  )
  jobs.wake('calls.place')
  await until(async () => {
    const waiting = await house.rows(
      `select 1 from pgboss.job where name = 'calls.place' and state in ('created', 'active', 'retry')`,
    )
    return waiting.length === 0 ? true : undefined
  })
  expect(asksFor(id)).toBe(1)
})

test('a call whose job was lost is placed by reconciliation', async () => {
  const { id } = await house.place(number)
  await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
  // As if no job had ever seen it.
  await house.rows(
    `update calls set status = 'queued', dispatched_at = null, provider_call_id = null where id = $1`,
    [id],
  )
  await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
  expect(asksFor(id)).toBe(2)
})

test('an erased call that was not placed yet never is', async () => {
  placements = [{ outcome: 'retry', reason: 'rate_limited' }]
  const { id } = await house.place(number)
  await until(async () => (asksFor(id) > 0 ? true : undefined))
  const erased = await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  expect(erased.status).toBe(204)
  await until(async () => {
    const jobs = await house.rows(
      `select 1 from pgboss.job where data->>'callId' = $1 and state <> 'completed'`,
      [id],
    )
    return jobs.length === 0 ? true : undefined
  })
  expect(asksFor(id)).toBe(1)
  house.errors.splice(0)
})

test('nothing else went wrong unseen', () => expect(house.errors).toEqual([]))
