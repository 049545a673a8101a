import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Telemetry } from '../../telemetry/index.ts'
import { counter } from '../../telemetry/instruments/counter.ts'
import { sample, telemetryWith } from './support.ts'

let telemetry: Telemetry
beforeAll(async () => {
  telemetry = await telemetryWith()
})
afterAll(() => telemetry.shutdown(100))

const make = (name: string) =>
  counter<Record<string, string>>(telemetry.meter, name, '{thing}', 'Things.', [{ kind: 'seen' }])

const scraped = async () => (await telemetry.exposition()).body

test('A counter counts by its attributes, in whichever order they come, from zero on', async () => {
  const things = make('test.things')
  expect(sample(await scraped(), 'test_things_total', { kind: 'seen' })).toBe(0)
  things.add(1, { kind: 'a', size: 'b' })
  things.add(2, { size: 'b', kind: 'a' })
  things.add(4, { kind: 'b', size: 'a' })
  things.add(8, { kind: 'seen' })
  const body = await scraped()
  expect(sample(body, 'test_things_total', { kind: 'a', size: 'b' })).toBe(3)
  expect(sample(body, 'test_things_total', { kind: 'b', size: 'a' })).toBe(4)
  expect(sample(body, 'test_things_total', { kind: 'seen' })).toBe(8)
  expect(body).toContain('# TYPE test_things_total counter')
})

test('A counter keeps to 2000 series, and counts the rest as one', async () => {
  const things = make('test.many')
  for (let n = 0; n < 3000; n++) things.add(1, { kind: `${n}` })
  const series = (await scraped()).match(/^test_many_total\{/gm) ?? []
  expect(series).toHaveLength(2000)
  expect(sample(await scraped(), 'test_many_total', { otel_metric_overflow: 'true' })).toBe(1002)
})
