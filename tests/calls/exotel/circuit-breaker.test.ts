import { expect, test } from 'bun:test'
import { type CircuitState, circuitBreaker } from '../../../src/calls/exotel/circuit-breaker.ts'

function setUp() {
  const clock = { now: 0 }
  const states: CircuitState[] = []
  const breaker = circuitBreaker({
    failures: 3,
    pause: 1000,
    longestPause: 3000,
    monotonic: () => clock.now,
    random: () => 0.5,
    onChange: (state) => states.push(state),
  })
  const fail = (times: number) => {
    for (let count = 0; count < times; count += 1) breaker.failed()
  }
  return { clock, states, breaker, fail }
}

test('a success between failures keeps it closed', () => {
  const { breaker, fail } = setUp()
  fail(2)
  breaker.succeeded()
  fail(2)
  expect(breaker.state).toBe('closed')
  expect(breaker.wait()).toBe(0)
})

test('it opens with the last failure in a row, and says how long it stays so', () => {
  const { breaker, fail, clock } = setUp()
  fail(3)
  expect(breaker.state).toBe('open')
  expect(breaker.wait()).toBe(1000)
  clock.now = 400
  expect(breaker.wait()).toBe(600)
})

test('after the pause one request finds out, and the others wait', () => {
  const { breaker, fail, clock } = setUp()
  fail(3)
  clock.now = 1000
  expect(breaker.wait()).toBe(0)
  expect(breaker.state).toBe('half_open')
  // They look again soon: the answer may come at any time.
  expect(breaker.wait()).toBeGreaterThan(0)
  expect(breaker.wait()).toBeLessThan(1000)
  breaker.succeeded()
  expect(breaker.state).toBe('closed')
  expect(breaker.wait()).toBe(0)
})

test('each pause is twice as long as the one before, up to the longest', () => {
  const { breaker, fail, clock } = setUp()
  fail(3)
  for (const pause of [2000, 3000, 3000]) {
    clock.now += breaker.wait()
    expect(breaker.wait()).toBe(0)
    breaker.failed()
    expect(breaker.wait()).toBe(pause)
  }
})

test('failures of requests that were under way when it opened do not prolong it', () => {
  const { breaker, fail, states } = setUp()
  fail(3)
  fail(10)
  expect(breaker.wait()).toBe(1000)
  expect(states).toEqual(['open'])
})

test('a request that never tells how it went does not keep it half open for good', () => {
  const { breaker, fail, clock } = setUp()
  fail(3)
  clock.now = 1000
  expect(breaker.wait()).toBe(0)
  clock.now += 59_000
  expect(breaker.wait()).toBeGreaterThan(0)
  clock.now += 1000
  expect(breaker.wait()).toBe(0)
})
