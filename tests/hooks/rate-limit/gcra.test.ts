import { describe, expect, test } from 'bun:test'
import { refundable } from '../../../src/hooks/rate-limit/gcra.ts'
import { addressKey, gcra, quota } from '../../../src/hooks/rate-limit/index.ts'

const second = 1_000_000

describe('gcra()', () => {
  test('grants the whole quota at once, then refuses and names the wait', () => {
    const tenAMinute = quota(10, 60_000)
    let tat: number | undefined
    for (let left = 9; left >= 0; left--) {
      const verdict = gcra(tenAMinute, tat, 0)
      expect(verdict).toMatchObject({ allowed: true, remaining: left })
      tat = verdict.tat
    }
    const refused = gcra(tenAMinute, tat, 0)
    expect(refused).toMatchObject({ allowed: false, remaining: 0, retryAfter: 6 * second })
    expect(gcra(tenAMinute, refused.tat, 6 * second).allowed).toBe(true)
    expect(gcra(tenAMinute, refused.tat, 6 * second - 1).allowed).toBe(false)
  })

  test('charges a refused request nothing', () => {
    const one = quota(1, 1000)
    const { tat } = gcra(one, undefined, 0)
    expect(gcra(one, tat, 1).tat).toBe(tat)
  })

  test('counts a request of a higher cost several times', () => {
    const { remaining, tat } = gcra(quota(10, 1000), undefined, 0, 4)
    expect(remaining).toBe(6)
    expect(gcra(quota(10, 1000), tat, 0, 7).allowed).toBe(false)
  })

  test('grants the last request of a quota whose interval is no round number', () => {
    const seven = quota(7, 1000)
    let tat: number | undefined
    let granted = 0
    for (let i = 0; i < 8; i++) {
      const verdict = gcra(seven, tat, 1_795_000_000 * second)
      if (verdict.allowed) granted++
      tat = verdict.tat
    }
    expect(granted).toBe(7)
  })

  test('is not led astray by a clock that was set back', () => {
    const { reset } = gcra(quota(10, 1000), 1_000_000 * second, 0)
    expect(reset).toBeLessThanOrEqual(second)
  })
})

describe('refundable()', () => {
  const hour = 3600 * second

  test('gives back the whole of a charge that nothing of has flown off', () => {
    // Behind an hour of other charges.
    expect(refundable(second, hour, second)).toBe(second)
  })

  test('gives back what is left of one that flows off', () => {
    expect(refundable(second, second, 0.25 * second)).toBe(0.75 * second)
    expect(refundable(second, second, hour)).toBe(0)
  })
})

describe('addressKey()', () => {
  const cases = [
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2ff::1', '2001:db8:1:200::/56'],
    ['2001:db8:1:2aa:bbbb:cccc:dddd:eeee', '2001:db8:1:200::/56'],
    ['2001:db8:1:300::1', '2001:db8:1:300::/56'],
    ['::1', '0:0:0:000::/56'],
  ] as const
  for (const [address, key] of cases)
    test(`counts ${address} as ${key}`, () => expect(addressKey(address)).toBe(key))
})
