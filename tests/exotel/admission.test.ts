import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { CallProvider } from '../../src/calls/index.ts'
import { type House, openHouse, until } from '../calls/house.ts'

// The embedded database takes a few seconds to open for the first time.
setDefaultTimeout(60_000)

const houses: House[] = []
afterEach(async () => {
  for (const house of houses.splice(0).reverse()) await house.close()
})

/** Takes every call; the tests say how they end, and when one's turn comes. */
function provider(more: Partial<CallProvider> = {}): CallProvider & { readonly placed: string[] } {
  const placed: string[] = []
  return {
    name: 'exotel',
    placed,
    async place({ id }) {
      placed.push(id)
      return { outcome: 'placed', providerCallId: id.replaceAll('-', '') }
    },
    details: async () => [],
    recording: async () => undefined,
    close: async () => {},
    ...more,
  }
}

async function open(options: Parameters<typeof openHouse>[0]): Promise<House> {
  const house = await openHouse(options)
  houses.push(house)
  return house
}

const callees = Array.from({ length: 8 }, (_, index) => `+9199999000${10 + index}`)

const end = async (house: House, id: string) => {
  const response = await house.callback(id, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      CallSid: id.replaceAll('-', ''),
      EventType: 'terminal',
      Status: 'completed',
    }),
  })
  expect(response.status).toBe(200)
}

test('no more calls are live than the account may have, over two replicas', async () => {
  let live = 0
  let most = 0
  const own = provider({
    async place({ id }) {
      live += 1
      most = Math.max(most, live)
      own.placed.push(id)
      return { outcome: 'placed', providerCallId: id.replaceAll('-', '') }
    },
  })
  const house = await open({ provider: own, maxCalls: 2 })
  await open({ provider: own, maxCalls: 2, beside: house })
  const ids = await Promise.all(callees.map(async (to) => (await house.place(to)).id))
  for (let ended = 0; ended < ids.length; ended += 1) {
    const id = await until(async () => own.placed[ended], 20_000)
    await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
    live -= 1
    await end(house, id)
  }
  for (const id of ids) expect(await house.ended(id)).toMatchObject({ status: 'completed' })
  expect(new Set(own.placed).size).toBe(ids.length)
  expect(most).toBe(2)
})

test('a call whose turn is far away makes room, and is placed once its turn comes', async () => {
  const waits = [60_000, 1, 0]
  const own = provider({ turn: async () => waits.shift() ?? 0 })
  const house = await open({ provider: own })
  const { id } = await house.place('+919999900010')
  const job = await until(async () => {
    const [row] = await house.rows(
      `select start_after > now() + interval '50 s' as far, state from pgboss.job
       where name = 'calls.place' and data->>'callId' = $1 and state = 'created'`,
      [id],
    )
    return row
  })
  expect(job).toEqual({ far: true, state: 'created' })
  expect((await house.read(id)).status).toBe('queued')
  await house.rows(`update pgboss.job set start_after = now() where state = 'created'`)
  await until(async () => ((await house.read(id)).status === 'ringing' ? true : undefined))
  expect(own.placed).toEqual([id])
})

test('a call whose turn did not come within an hour has failed, and is not placed any more', async () => {
  let now = Date.now()
  const own = provider({ turn: async () => 60_000 })
  const house = await open({ provider: own, now: () => now })
  const { id } = await house.place('+919999900010')
  const waiting = async () =>
    (
      await house.rows(
        `select 1 from pgboss.job where name = 'calls.place' and state = 'created' and start_after > now()`,
      )
    ).length > 0 || undefined
  await until(waiting)
  now += 61 * 60_000
  await house.rows(`update pgboss.job set start_after = now() where state = 'created'`)
  expect(await house.ended(id)).toMatchObject({
    status: 'failed',
    failureReason: 'not_placed_in_time',
  })
  expect(own.placed).toEqual([])
})

test('while the account is full no turn is taken that a question could have had', async () => {
  let turns = 0
  const own = provider({
    turn: async () => {
      turns += 1
      return 0
    },
  })
  const house = await open({ provider: own, maxCalls: 1 })
  const [first, second] = [await house.place('+919999900010'), await house.place('+919999900011')]
  const live = await until(async () => own.placed[0])
  const waiting = live === first.id ? second.id : first.id
  // Whoever looks every second would have taken some by now.
  await until(async () => {
    const [row] = await house.rows(
      `select 1 from pgboss.job where name = 'calls.place' and state = 'active'
         and data->>'callId' = $1 and started_on < now() - interval '2.5 s'`,
      [waiting],
    )
    return row
  })
  expect(turns).toBe(1)
  await until(async () => ((await house.read(live)).status === 'ringing' ? true : undefined))
  await end(house, live)
  await until(async () => own.placed[1])
  expect(turns).toBe(2)
})

test('a process that stops does not wait for the turn of a call, and leaves it to the next', async () => {
  let asked = 0
  const own = provider({
    turn: async () => {
      asked += 1
      return 9000
    },
  })
  const house = await open({ provider: own })
  const { id } = await house.place('+919999900010')
  await until(async () => asked || undefined)
  await house.jobs.stop(8000)
  // Sent anew, instead of cut off and missed 10 s later.
  expect(
    await house.rows(
      `select state from pgboss.job where name = 'calls.place' and data->>'callId' = $1 order by created_on`,
      [id],
    ),
  ).toEqual([{ state: 'completed' }, { state: 'created' }])
  expect(own.placed).toEqual([])
})
