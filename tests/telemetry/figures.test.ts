import { describe, expect, test } from 'bun:test'
import { histogramCell, quantile, record } from '../../telemetry/metrics/histogram.ts'
import { monitorEventLoop } from '../../telemetry/process/event-loop.ts'
import { performanceFigures } from '../../telemetry/process/performance.ts'
import { type FinishedRequest, RequestMetrics } from '../../telemetry/requests/request-metrics.ts'

const boundaries = [1, 2, 5]

describe('quantile()', () => {
  const of = (...values: number[]) => {
    const cell = histogramCell(boundaries)
    for (const value of values) record(cell, boundaries, value)
    return (q: number) => quantile(cell, boundaries, q)
  }

  test('takes values to lie evenly within their bucket', () => {
    expect(of(1.5, 1.5, 1.5, 1.5, 5)(0.5)).toBe(1.625)
  })

  test('is never more than the largest value', () => {
    expect(of(1.2)(0.99)).toBe(1.2)
    expect(of(100)(0.99)).toBeLessThanOrEqual(100)
    expect(of(100)(1)).toBe(100)
  })

  test('is undefined where there is no value', () => {
    expect(of()(0.5)).toBeUndefined()
  })
})

test('record() counts a value that is a boundary into the bucket below it', () => {
  const cell = histogramCell(boundaries)
  for (const value of [1, 2, 2.1, 9]) record(cell, boundaries, value)
  expect(cell).toEqual({ counts: [1, 1, 1, 1], count: 4, sum: 14.1, max: 9 })
})

test('record() keeps the last sampled trace of each bucket', () => {
  const cell = histogramCell(boundaries)
  const span = (id: string) => ({ traceId: `trace-${id}`, spanId: `span-${id}`, traceFlags: 1 })
  record(cell, boundaries, 1.5, span('a'))
  record(cell, boundaries, 9, span('b'))
  record(cell, boundaries, 1.7, span('c'))
  record(cell, boundaries, 1.2)
  const time = expect.any(Number)
  expect(cell.exemplars).toEqual([
    undefined,
    { traceId: 'trace-c', spanId: 'span-c', value: 1.7, time },
    undefined,
    { traceId: 'trace-b', spanId: 'span-b', value: 9, time },
  ])
})

describe('performanceFigures()', () => {
  const request: FinishedRequest = {
    method: 0,
    secure: false,
    route: '/',
    status: 200,
    errorType: undefined,
    seconds: 0.02,
  }
  const failure: FinishedRequest = { ...request, status: 500, errorType: '500' }

  test('tell rate and error rate of the last minute, and the total since the start', () => {
    let now = 0
    const metrics = new RequestMetrics(() => now)
    for (; now < 100_000; now += 100) metrics.ended(now < 70_000 ? request : failure)
    const { requests } = performanceFigures(metrics, undefined)
    expect(requests?.total).toBe(1000)
    expect(requests?.rate).toBeCloseTo(10, 0)
    expect(requests?.errorRate).toBeCloseTo(0.5, 1)
    now += 61_000
    expect(performanceFigures(metrics, undefined).requests).toMatchObject({
      total: 1000,
      rate: 0,
      errorRate: 0,
    })
  })

  test('tell latency in milliseconds', () => {
    const metrics = new RequestMetrics()
    for (let n = 0; n < 100; n++) metrics.ended(request)
    const latency = performanceFigures(metrics, undefined).requests?.latency
    expect(latency?.p50).toBeGreaterThan(10)
    expect(latency?.p99).toBeLessThanOrEqual(20)
    expect(latency?.max).toBe(20)
  })

  test('have no latency before the first request', () => {
    expect(performanceFigures(new RequestMetrics(), undefined).requests?.latency.p50).toBeNull()
  })
})

test('A loop that is held up for 200 ms shows in the delay of the event loop', async () => {
  const beganAt = performance.now()
  const monitor = monitorEventLoop()
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  try {
    await pause(60)
    const until = performance.now() + 200
    while (performance.now() < until);
    await pause(60)
    const delay = monitor.delay()
    expect(delay?.max).toBeGreaterThan(150)
    // However long this machine has held up the rest: no delay is longer than all that happened.
    expect(delay?.max).toBeLessThanOrEqual(performance.now() - beganAt)
    expect(delay?.p50).toBeLessThan(delay?.max ?? 0)
  } finally {
    monitor.stop()
  }
})
