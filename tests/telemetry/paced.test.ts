import { expect, test } from 'bun:test'
import { paced } from '../../telemetry/exposition/paced.ts'

test('Whoever asks while a run is under way gets the next one, with all who do', async () => {
  let runs = 0
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const ask = paced(async () => {
    const run = runs++
    await gates[run]?.promise
    return run
  })
  const first = ask()
  while (runs === 0) await Promise.resolve()
  const later = [ask(), ask(), ask()]
  expect(runs).toBe(1)
  gates[1]?.resolve()
  gates[0]?.resolve()
  expect(await first).toBe(0)
  expect(await Promise.all(later)).toEqual([1, 1, 1])
})

test('A flood of those who ask takes a part of the time only', async () => {
  let busy = 0
  const ask = paced(async () => {
    const until = performance.now() + 10
    while (performance.now() < until);
    busy += 10
  })
  const startedAt = performance.now()
  const flood = async () => {
    while (performance.now() - startedAt < 300) await ask()
  }
  await Promise.all(Array.from({ length: 50 }, flood))
  expect(busy / (performance.now() - startedAt)).toBeLessThan(0.3)
})

test('A run that fails is told to those who asked for it, and the next one runs', async () => {
  let runs = 0
  const ask = paced(async () => {
    if (runs++ === 0) throw new Error('no')
    return 'yes'
  })
  const both = await Promise.allSettled([ask(), ask()])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await ask()).toBe('yes')
})
