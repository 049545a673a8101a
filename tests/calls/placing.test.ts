import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { caller, type House, openHouse } from './house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

let house: House
beforeAll(async () => {
  house = await openHouse({ reconcileAfter: 1000 })
})
afterAll(() => house.close())

test('a placed call rings, is answered and completes, with every event kept', async () => {
  const { id } = await house.place('+919999900010', { customField: 'order 4711' })
  const call = await house.ended(id)
  expect(call).toMatchObject({
    status: 'completed',
    direction: 'outbound',
    from: caller,
    to: '+919999900010',
    customField: 'order 4711',
    record: false,
    recordingAvailable: false,
    failureReason: null,
  })
  expect(call.providerCallId).toMatch(/^[a-z0-9]{32}$/)
  expect(Date.parse(call.endedAt ?? '')).toBeGreaterThanOrEqual(
    Date.parse(call.startedAt ?? '') - 1000,
  )
  await house.service.settled()
  const { events } = await house.read(id)
  const sources = events.map(({ status, source }) => `${source} ${status}`)
  expect(sources.toSorted()).toEqual([
    'api queued',
    'callback completed',
    'callback in-progress',
    'callback ringing',
    'provider ringing',
  ])
})

for (const [what, to, status] of [
  ['busy', '+919999910001', 'busy'],
  ['not answered', '+919999910002', 'no-answer'],
  ['failing', '+919999910003', 'failed'],
] as const)
  test(`a ${what} callee ends the call as ${status}`, async () => {
    const { id } = await house.place(to)
    expect(await house.ended(id)).toMatchObject({ status, answeredAt: null })
  })

test('a call whose last callback was lost ends by reconciliation', async () => {
  const { id } = await house.place('+919999910004')
  const call = await house.ended(id)
  expect(call.status).toBe('completed')
  const { events } = await house.read(id)
  expect(events.at(-1)).toMatchObject({ status: 'completed', source: 'reconciliation' })
})

test('a recorded call has a recording, which is streamed as WAV', async () => {
  const { id } = await house.place('+919999900011', { record: true })
  expect(await house.ended(id)).toMatchObject({ record: true, recordingAvailable: true })
  const response = await house.request(`/api/calls/${id}/recording`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('audio/wav')
  expect((await response.text()).slice(0, 4)).toBe('RIFF')
})

test('a call without a recording answers 404 for it', async () => {
  const { id } = await house.place('+919999900012')
  const response = await house.request(`/api/calls/${id}/recording`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' })
})

test('nothing went wrong unseen', () => expect(house.errors).toEqual([]))
