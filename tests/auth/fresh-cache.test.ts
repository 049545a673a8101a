import { expect, test } from 'bun:test'
import { freshCache } from '../../src/auth/fresh-cache.ts'

/** A cache over answers that the test gives, on a clock that it moves. */
function setup({ max = 3 } = {}) {
  let time = 0
  const asked: string[] = []
  const pending: (() => void)[] = []
  const values = new Map<string, number>()
  let held = false
  let since: number | undefined
  const cache = freshCache<number>({
    max,
    freshFor: 400,
    toldFor: 60_000,
    toldSince: () => since,
    monotonic: () => time,
    async load(key) {
      asked.push(key)
      const value = values.get(key)
      if (held) await new Promise<void>((resolve) => pending.push(resolve))
      return value
    },
  })
  return {
    cache,
    values,
    asked,
    pass: (milliseconds: number) => {
      time += milliseconds
    },
    tell: (from: number | undefined) => {
      since = from
    },
    hold: () => {
      held = true
    },
    release: () => {
      held = false
      for (const resolve of pending.splice(0)) resolve()
    },
  }
}

test('an entry is believed for its time, then asked for again', async () => {
  const { cache, values, asked, pass } = setup()
  values.set('a', 1)
  expect(await cache.get('a')).toBe(1)
  values.set('a', 2)
  pass(399)
  expect(await cache.get('a')).toBe(1)
  pass(1)
  expect(await cache.get('a')).toBe(2)
  expect(asked).toHaveLength(2)
})

test('the time of an entry counts from the question, however late the answer', async () => {
  const { cache, values, pass, hold, release } = setup()
  values.set('a', 1)
  hold()
  const slow = cache.get('a')
  pass(400)
  release()
  expect(await slow).toBe(1)
  values.set('a', 2)
  expect(await cache.get('a')).toBe(2)
})

test('while all changes are told, an entry is believed for a minute without a question', async () => {
  const { cache, values, asked, pass, tell } = setup()
  values.set('a', 1)
  tell(0)
  await cache.get('a')
  pass(59_999)
  await cache.get('a')
  expect(asked).toHaveLength(1)
  pass(1)
  await cache.get('a')
  expect(asked).toHaveLength(2)
})

test('an entry from before changes were told, or from before a gap, is asked for again', async () => {
  const { cache, values, asked, pass, tell } = setup()
  values.set('a', 1)
  await cache.get('a')
  tell(1)
  pass(400)
  await cache.get('a')
  expect(asked).toHaveLength(2)
  pass(400)
  tell(undefined)
  await cache.get('a')
  expect(asked).toHaveLength(3)
})

test('simultaneous questions are asked once', async () => {
  const { cache, values, asked } = setup()
  values.set('a', 1)
  expect(await Promise.all([cache.get('a'), cache.get('a'), cache.get('a')])).toEqual([1, 1, 1])
  expect(asked).toEqual(['a'])
})

test('what is forgotten is asked for again, and an answer under way is not kept', async () => {
  const { cache, values, hold, release } = setup()
  values.set('a', 1)
  hold()
  const before = cache.get('a')
  values.set('a', 2)
  cache.forget((_, key) => key === 'a')
  const after = cache.get('a')
  release()
  expect([await before, await after]).toEqual([1, 2])
  expect(await cache.get('a')).toBe(2)
})

test('no more is kept than the bound, and the least used goes first', async () => {
  const { cache, values, asked } = setup()
  for (const key of ['a', 'b', 'c']) values.set(key, 1)
  values.set('d', 1)
  for (const key of ['a', 'b', 'c', 'a', 'd']) await cache.get(key)
  expect(cache.size).toBe(3)
  asked.length = 0
  for (const key of ['a', 'c', 'd', 'b']) await cache.get(key)
  expect(asked).toEqual(['b'])
})

test('what is not there is not kept, and a failure is not either', async () => {
  const { cache, values } = setup()
  expect(await cache.get('a')).toBeUndefined()
  values.set('a', 1)
  expect(await cache.get('a')).toBe(1)
  expect(cache.size).toBe(1)
  const failing = freshCache<number>({
    max: 1,
    freshFor: 400,
    monotonic: () => 0,
    load: () => Promise.reject(new Error('down')),
  })
  await expect(failing.get('a')).rejects.toThrow('down')
  await expect(failing.get('a')).rejects.toThrow('down')
  expect(failing.size).toBe(0)
})
