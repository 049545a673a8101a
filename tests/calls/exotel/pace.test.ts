import { expect, test } from 'bun:test'
import { pace } from '../../../src/calls/exotel/pace.ts'
import { memoryStore } from '../../../src/hooks/rate-limit/index.ts'

/** Asks as often as it may for so many milliseconds, and gives the moments of its turns. */
async function turns(
  kinds: readonly ('placing' | 'inquiry')[],
  length: number,
): Promise<Record<'placing' | 'inquiry', number[]>> {
  const clock = { now: 0 }
  const own = pace({ limit: 200, window: 60_000 }, memoryStore({ now: () => clock.now }), 'account')
  const taken: Record<'placing' | 'inquiry', number[]> = { placing: [], inquiry: [] }
  while (clock.now < length) {
    let wait = Number.POSITIVE_INFINITY
    for (const kind of kinds) {
      const left = await own.take(kind)
      if (left === 0) taken[kind].push(clock.now)
      wait = Math.min(wait, left)
    }
    clock.now += wait
  }
  return taken
}

/** The most of them in any window. */
const mostIn = (window: number, moments: readonly number[]): number =>
  Math.max(
    ...moments.map((start) => moments.filter((at) => at >= start && at < start + window).length),
  )

test('no minute has more requests than the account may send, and nearly as many', async () => {
  const { placing } = await turns(['placing'], 300_000)
  expect(mostIn(60_000, placing)).toBeLessThanOrEqual(180)
  expect(mostIn(60_000, placing)).toBeGreaterThan(170)
  const both = await turns(['placing', 'inquiry'], 300_000)
  expect(mostIn(60_000, [...both.placing, ...both.inquiry])).toBeGreaterThan(190)
})

test('calls that wait to be placed leave a tenth of it to questions, whoever asks first', async () => {
  const { placing, inquiry } = await turns(['placing', 'inquiry'], 300_000)
  expect(mostIn(60_000, [...placing, ...inquiry])).toBeLessThanOrEqual(200)
  expect(inquiry.length).toBeGreaterThan(80)
})

test('questions take half of it at most, so that calls are still placed', async () => {
  const { placing, inquiry } = await turns(['inquiry', 'placing'], 300_000)
  expect(mostIn(60_000, [...placing, ...inquiry])).toBeLessThanOrEqual(200)
  expect(mostIn(60_000, inquiry)).toBeLessThanOrEqual(100)
  expect(placing.length).toBeGreaterThan(450)
})

test('two processes that share a store share the account', async () => {
  const clock = { now: 0 }
  const store = memoryStore({ now: () => clock.now })
  const processes = [1, 2].map(() => pace({ limit: 200, window: 60_000 }, store, 'account'))
  let taken = 0
  while (clock.now < 60_000) {
    for (const process of processes) if ((await process.take('placing')) === 0) taken += 1
    clock.now += 50
  }
  expect(taken).toBeLessThanOrEqual(200)
})

test('without a limit every turn is free', async () => {
  const free = pace(undefined, memoryStore(), 'account')
  for (let count = 0; count < 1000; count += 1) expect(await free.take('placing')).toBe(0)
})
