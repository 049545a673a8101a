import { describe, expect, test } from 'bun:test'
import { type LimiterStore, type Policy, quota } from '../../../src/hooks/rate-limit/index.ts'

/** What every store of limits promises. @param open a store that counts by its own clock */
export function limiterStoreSuite(name: string, open: () => LimiterStore): void {
  describe(`${name} as a store of limits`, () => {
    let serial = 0
    /** A policy of a name of its own: no test counts with another. */
    const policy = (limit: number, window = 60_000): Policy => ({
      name: `suite-${process.pid}-${serial++}`,
      quota: quota(limit, window),
    })

    test('grants the quota, then refuses without a charge and names the wait', async () => {
      const store = open()
      const three = policy(3)
      for (let left = 2; left >= 0; left--)
        expect(await store.take(three, 'a', 1)).toMatchObject({ allowed: true, remaining: left })
      for (let i = 0; i < 5; i++) {
        const { allowed, remaining, retryAfter, reset } = await store.take(three, 'a', 1)
        expect({ allowed, remaining }).toEqual({ allowed: false, remaining: 0 })
        expect(retryAfter).toBeGreaterThan(19_000_000)
        expect(retryAfter).toBeLessThanOrEqual(20_000_000)
        expect(reset).toBeGreaterThan(59_000_000)
        expect(reset).toBeLessThanOrEqual(60_000_000)
      }
    })

    test('counts keys and policies apart', async () => {
      const store = open()
      const [one, other] = [policy(1), policy(1)]
      expect((await store.take(one, 'a', 1)).allowed).toBe(true)
      expect((await store.take(one, 'b', 1)).allowed).toBe(true)
      expect((await store.take(other, 'a', 1)).allowed).toBe(true)
      expect((await store.take(one, 'a', 1)).allowed).toBe(false)
    })

    test('lets through whoever has waited as long as it said', async () => {
      const store = open()
      const two = policy(2, 600)
      await store.take(two, 'a', 2)
      const { allowed, retryAfter } = await store.take(two, 'a', 1)
      expect(allowed).toBe(false)
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(retryAfter / 1000) + 2))
      expect((await store.take(two, 'a', 1)).allowed).toBe(true)
    })

    test('takes a charge back, whole or in part, and never below nothing', async () => {
      const store = open()
      const four = policy(4)
      const { interval } = four.quota
      await store.take(four, 'a', 4)
      store.giveBack(four, 'a', 1.5 * interval)
      expect(await store.take(four, 'a', 1)).toMatchObject({ allowed: true, remaining: 0 })
      expect((await store.take(four, 'a', 1)).allowed).toBe(false)
      for (let i = 0; i < 20; i++) store.giveBack(four, 'a', 4 * interval)
      expect(await store.take(four, 'a', 4)).toMatchObject({ allowed: true, remaining: 0 })
      expect((await store.take(four, 'a', 1)).allowed).toBe(false)
      store.giveBack(four, 'nobody', interval)
      expect(await store.take(four, 'nobody', 1)).toMatchObject({ remaining: 3 })
    })

    test('grants no more than the quota to many at the same time', async () => {
      const store = open()
      const fifty = policy(50)
      const verdicts = await Promise.all(
        Array.from({ length: 200 }, () => store.take(fifty, 'a', 1)),
      )
      expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(50)
    })
  })
}
