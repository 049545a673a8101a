/** What a client is told of its calls in a period, whether a day has been added up yet or not. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { v7 as uuidv7 } from 'uuid'
import { calls } from '../../db/schema/index.ts'
import type { CallStats } from '../../src/calls/index.ts'
import { type House, openHouse, until } from './house.ts'

setDefaultTimeout(60_000)

let house: House
let client: string

beforeAll(async () => {
  house = await openHouse()
  client = await house.newClient('measured')
})
afterAll(() => house.close())

type Row = typeof calls.$inferInsert
const row = (createdAt: string, more: Partial<Row> = {}): Row => ({
  id: uuidv7(),
  clientId: client,
  direction: 'outbound',
  status: 'completed',
  provider: 'simulator',
  createdAt: new Date(createdAt),
  ...more,
})
const add = (...rows: Row[]) => house.database.db.insert(calls).values(rows)

async function figures(query: string, of = client): Promise<CallStats> {
  const response = await house.request(`/api/calls/stats?${query}`, { client: of })
  expect(response.status).toBe(200)
  return (await response.json()) as CallStats
}

/** Has the service's own job run, and waits for it. */
async function addUp(): Promise<void> {
  await house.jobs.send(house.database.db, 'calls.stats', {})
  house.jobs.wake('calls.stats')
  await until(async () => {
    const left = await house.rows('select from call_changes limit 1')
    return left.length === 0 ? true : undefined
  })
}

const times = Array.from({ length: 100 }, (_, index) => index * 7)

beforeAll(async () => {
  // Twenty an hour from 10:00 on the third; and what lies at the edges of days.
  await add(
    ...times.map((durationSeconds, index) =>
      row(new Date(Date.UTC(2026, 2, 3, 10, index * 3)).toISOString(), { durationSeconds }),
    ),
    row('2026-03-01T23:59:59.999Z', { status: 'busy', direction: 'inbound' }),
    row('2026-03-02T00:00:00.000Z', { status: 'no-answer' }),
    row('2026-03-02T12:00:00.000Z', { status: 'ringing', direction: 'inbound' }),
    row('2026-03-02T12:00:00.001Z', { status: 'failed', durationSeconds: 9999 }),
    row('2026-03-05T00:00:00.000Z', { status: 'canceled' }),
    row('2026-03-06T09:00:00.000Z', { durationSeconds: 30 }),
    row('2026-03-05T00:00:00.000Z', { clientId: house.clientId, durationSeconds: 5 }),
  )
})

describe.each([
  ['before the job has run', async () => {}],
  ['after it', addUp],
])('%s', (_, prepare) => {
  beforeAll(prepare)

  test('whole days are counted by day, status and direction', async () => {
    expect(await figures('from=2026-03-01&to=2026-03-05')).toEqual({
      from: '2026-03-01T00:00:00.000Z',
      to: '2026-03-05T00:00:00.000Z',
      total: 104,
      answerRate: 100 / 103,
      averageDurationSeconds: 346.5,
      // Of 100 values 7 apart: the 94th (from 0) and a twentieth of the way to the next.
      p95DurationSeconds: expect.closeTo(94 * 7 + 0.05 * 7, 9) as unknown as number,
      byDay: [
        { day: '2026-03-01', total: 1, completed: 0 },
        { day: '2026-03-02', total: 3, completed: 0 },
        { day: '2026-03-03', total: 100, completed: 100 },
      ],
      byStatus: {
        queued: 0,
        ringing: 1,
        'in-progress': 0,
        completed: 100,
        busy: 1,
        'no-answer': 1,
        failed: 1,
        canceled: 0,
      },
      byDirection: { outbound: 102, inbound: 2 },
    })
  })

  test('a period that begins and ends within days has just the calls in between', async () => {
    const late = await figures('from=2026-03-02T12:00:00.001Z&to=2026-03-03T11:00:00Z')
    expect(late).toMatchObject({ total: 21, averageDurationSeconds: 66.5 })
    expect(late.byDay).toEqual([
      { day: '2026-03-02', total: 1, completed: 0 },
      { day: '2026-03-03', total: 20, completed: 20 },
    ])
    const early = await figures('from=2026-03-01T23:59:59.999Z&to=2026-03-02T12:00:00Z')
    expect(early.byStatus).toMatchObject({ busy: 1, 'no-answer': 1, ringing: 0, failed: 0 })
    expect(early).toMatchObject({ averageDurationSeconds: null, p95DurationSeconds: null })
  })

  test('a day whose calls are all outside the period is not told of', async () => {
    for (const period of [
      'from=2026-03-03T15:00:00Z&to=2026-03-05',
      'from=2026-03-06T11:00:00Z&to=2026-03-08',
    ])
      expect(await figures(period)).toMatchObject({
        total: 0,
        answerRate: null,
        averageDurationSeconds: null,
        p95DurationSeconds: null,
        byDay: [],
      })
  })

  test("another client's calls are not among them", async () => {
    expect(await figures('from=2026-03-01&to=2026-04-01', house.clientId)).toMatchObject({
      total: 1,
      p95DurationSeconds: 5,
    })
  })

  test('the last days that there are can be asked for', async () => {
    expect(await figures('from=9999-12-30T13:00:00Z&to=9999-12-31T13:00:00Z')).toMatchObject({
      total: 0,
    })
  })
})

test('what the provider corrects after the day was added up is told at once', async () => {
  const wrong = row('2026-04-01T09:00:00Z', { durationSeconds: 30 })
  await add(wrong, row('2026-04-01T09:00:00Z', { durationSeconds: 10 }))
  await addUp()
  const day = 'from=2026-04-01&to=2026-04-02'
  expect(await figures(day)).toMatchObject({ averageDurationSeconds: 20 })
  await house.rows(`update calls set duration_seconds = 40 where id = $1`, [wrong.id])
  expect(await figures(day)).toMatchObject({ total: 2, averageDurationSeconds: 25 })
  await addUp()
  expect(await figures(day)).toMatchObject({ total: 2, averageDurationSeconds: 25 })
  await house.rows(`update calls set status = 'failed' where id = $1`, [wrong.id])
  expect(await figures(day)).toMatchObject({ total: 2, answerRate: 0.5, p95DurationSeconds: 10 })
})

test('a call that was placed is counted as it goes, and stays counted when it is erased', async () => {
  const { id } = await house.place('+919999900010')
  const call = await house.ended(id)
  const period = `from=${new Date(Date.parse(call.createdAt) - 1000).toISOString()}`
  const before = await figures(period, house.clientId)
  expect(before.byStatus[call.status]).toBe(1)
  expect(before.total).toBe(1)
  await addUp()
  await house.request(`/api/calls/${id}`, { method: 'DELETE' })
  expect(await figures(period, house.clientId)).toEqual({ ...before, to: expect.any(String) })
})
