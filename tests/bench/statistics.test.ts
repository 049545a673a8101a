import { expect, test } from 'bun:test'
import { alone, besides, inTurns } from './lanes.ts'
import { median, medianDifference, medianRatio, quantile } from './statistics.ts'

test('the median is the value in the middle, or halfway between two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([10, 9, 1, 2])).toBe(5.5)
  expect(median([])).toBeNaN()
})

test('a ratio is taken within each round: a machine that slows down for some rounds does not move it', () => {
  // Twice as fast in each round; the ratio of the medians would be 1.
  const bare = [100, 50, 10]
  const other = [200, 100, 20]
  expect(medianRatio(other, bare)).toBe(2)
  expect(medianRatio([100, 10, 50], [50, 100, 25])).toBe(2)
  expect(medianDifference([12, 30, 7], [10, 20, 6])).toBe(2)
})

test('rounds that one has and the other has not are no ratio', () => {
  expect(() => medianRatio([1, 2], [1])).toThrow(RangeError)
})

test('a quantile is a value that was seen, and the highest for a share of 1', () => {
  const hundred = Array.from({ length: 100 }, (_, place) => place + 1)
  expect(quantile(hundred, 0.5)).toBe(50)
  expect(quantile(hundred, 0.99)).toBe(99)
  expect(quantile(hundred, 0.999)).toBe(100)
  expect(quantile(hundred, 1)).toBe(100)
  expect(quantile([7], 0.001)).toBe(7)
})

test('each round begins with another server, and has each of them once', () => {
  const rounds = [0, 1, 2, 3].map((round) => inTurns(3, round))
  expect(rounds).toEqual([
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 1, 2],
  ])
})

test('servers are compared with the bare one wherever it stands, and with nobody where it is missing', () => {
  const lanes = [
    { name: 'Caly', rates: [50, 40], cpus: [20, 40], failures: 1 },
    { name: 'bare', rates: [100, 100], cpus: [10, 10], failures: 0 },
  ]
  expect(besides(lanes, 'bare')).toEqual([
    { name: 'Caly', rate: 45, cpu: 30, failures: 1, toBare: 0.45, cpuToBare: 0.375, more: 20 },
    { name: 'bare', rate: 100, cpu: 10, failures: 0, toBare: 1, cpuToBare: 1, more: 0 },
  ])
  expect(alone({ name: 'Caly', rates: [50], cpus: [20], failures: 1 })).toEqual({
    name: 'Caly',
    rate: 50,
    cpu: 20,
    failures: 1,
  })
  expect(() => besides(lanes, 'nobody')).toThrow(RangeError)
})
