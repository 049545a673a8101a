import { expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { memoryStore, type Policy, quota } from '../../../src/hooks/rate-limit/index.ts'
import { limiterStoreSuite } from './suite.ts'

limiterStoreSuite('memoryStore()', () => memoryStore())

const policy = (limit: number): Policy => ({ name: 'test', quota: quota(limit, limit * 1000) })

test('a flood of new keys pushes out nobody who is refused, and shares one bucket', async () => {
  const store = memoryStore({ maxKeys: 100, now: () => 0 })
  const two = policy(2)
  for (let key = 0; key < 100; key++)
    for (let i = 0; i < 2; i++) await store.take(two, `limited-${key}`, 1)
  expect((await store.take(two, 'newcomer-1', 1)).allowed).toBe(true)
  expect((await store.take(two, 'newcomer-2', 1)).allowed).toBe(true)
  expect((await store.take(two, 'newcomer-3', 1)).allowed).toBe(false)
  for (let key = 0; key < 100; key++)
    expect((await store.take(two, `limited-${key}`, 1)).allowed).toBe(false)
})

test('the key that is nearest to be forgotten makes place for a newcomer, and no other', async () => {
  let now = 0
  const store = memoryStore({ maxKeys: 3, now: () => now })
  const ten = policy(10)
  await store.take(ten, 'heavy', 9)
  await store.take(ten, 'middle', 5)
  await store.take(ten, 'light', 1)
  now = 500
  expect(await store.take(ten, 'newcomer', 1)).toMatchObject({ allowed: true, remaining: 9 })
  expect(await store.take(ten, 'heavy', 1)).toMatchObject({ remaining: 0 })
  expect(await store.take(ten, 'middle', 1)).toMatchObject({ remaining: 4 })
  // Its half second of memory is the price of the place.
  expect(await store.take(ten, 'light', 1)).toMatchObject({ remaining: 9 })
})

test('makes place once what it kept no longer counts', async () => {
  let now = 0
  const store = memoryStore({ maxKeys: 10, now: () => now })
  const one = policy(1)
  for (let i = 0; i < 10; i++) await store.take(one, `old-${i}`, 1)
  expect((await store.take(one, 'early', 1)).allowed).toBe(true)
  expect((await store.take(one, 'late', 1)).allowed).toBe(false)
  now = 1000
  expect((await store.take(one, 'new', 1)).allowed).toBe(true)
  expect((await store.take(one, 'newer', 1)).allowed).toBe(true)
})

test('policies do not take places from each other', async () => {
  const store = memoryStore({ maxKeys: 2, now: () => 0 })
  const other: Policy = { ...policy(1), name: 'other' }
  await store.take(policy(1), 'a', 1)
  await store.take(policy(1), 'b', 1)
  expect((await store.take(other, 'a', 1)).allowed).toBe(true)
  expect((await store.take(policy(1), 'a', 1)).allowed).toBe(false)
})

test('counts each of twenty thousand keys for itself, through growth, moves and returns', async () => {
  let now = 0
  const keys = 20_000
  const store = memoryStore({ maxKeys: keys, now: () => now })
  const three = policy(3)
  const counted = Array<number>(keys).fill(0)
  let state = 1
  // A fixed sequence of keys in no order, long enough for each to be met several times.
  for (let i = 0; i < 10 * keys; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    const key = state % keys
    if ((await store.take(three, `key-${key}`, 1)).allowed) counted[key] = (counted[key] ?? 0) + 1
  }
  expect(Math.max(...counted)).toBe(3)
  // Time passes, all are forgotten, and as many others come in their places.
  now = 10_000
  for (let key = 0; key < keys; key++)
    expect((await store.take(three, `other-${key}`, 3)).allowed).toBe(true)
  for (let key = 0; key < keys; key++)
    expect((await store.take(three, `other-${key}`, 1)).allowed).toBe(false)
})

test('a bound that is no whole number is refused by name', () => {
  expect(() => memoryStore({ maxKeys: 0.5 })).toThrow('maxKeys')
})

test('two million addresses take no more memory than the first two hundred thousand', () => {
  const script = fileURLToPath(new URL('./fixtures/flood.ts', import.meta.url))
  const { stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  expect(stdout).toMatch(/^-?\d+$/)
  expect(Math.abs(Number(stdout))).toBeLessThan(20)
}, 60_000)
