import { describe, expect, test } from 'bun:test'
import type { SpanContext } from '@opentelemetry/api'
import { requestSampler, type SamplingSettings } from '../../telemetry/requests/sampling.ts'

const parentWith = (traceFlags: 0 | 1): SpanContext => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags,
  isRemote: true,
})
const stranger = () => false
const friend = () => true

/** A sampler whose ratio keeps no trace by its id, and half of what chance decides. */
const samplerOf = (sampler: SamplingSettings['sampler'], draw: number) =>
  requestSampler(
    { sampler, samplerRatio: 0.5 },
    () => false,
    () => draw,
  )

describe('with a ratio', () => {
  test('chance decides on a trace that a stranger has begun, whatever its flag and id', () => {
    for (const sampler of ['traceidratio', 'parentbased_traceidratio'] as const)
      for (const flag of [0, 1] as const) {
        const parent = parentWith(flag)
        expect(samplerOf(sampler, 0.49)(parent.traceId, parent, stranger)).toBe(true)
        expect(samplerOf(sampler, 0.51)(parent.traceId, parent, stranger)).toBe(false)
      }
  })

  test('the trace id decides on a trace that begins here', () => {
    const byLastDigit = requestSampler(
      { sampler: 'traceidratio', samplerRatio: 0.5 },
      (traceId) => traceId.endsWith('0'),
      () => 0,
    )
    expect(byLastDigit('a0', undefined, stranger)).toBe(true)
    expect(byLastDigit('a1', undefined, stranger)).toBe(false)
  })
})

test("a trusted caller's flag is obeyed by the parent-based samplers, and by no other", () => {
  for (const flag of [0, 1] as const) {
    const parent = parentWith(flag)
    expect(samplerOf('parentbased_traceidratio', 0)(parent.traceId, parent, friend)).toBe(
      flag === 1,
    )
    expect(samplerOf('traceidratio', 0)(parent.traceId, parent, friend)).toBe(false)
  }
})

test("a stranger's flag neither hides a request from always_on nor forces one on always_off", () => {
  for (const flag of [0, 1] as const)
    for (const prefix of ['', 'parentbased_'] as const) {
      const parent = parentWith(flag)
      const on = samplerOf(`${prefix}always_on`, 0.999)
      const off = samplerOf(`${prefix}always_off`, 0)
      expect(on(parent.traceId, parent, stranger)).toBe(true)
      expect(off(parent.traceId, parent, stranger)).toBe(false)
    }
})

test('whether a caller is trusted is asked only where a parent came along', () => {
  let asked = 0
  const sampler = samplerOf('parentbased_always_on', 0)
  const trusted = () => {
    asked++
    return true
  }
  sampler('a', undefined, trusted)
  expect(asked).toBe(0)
  sampler('a', parentWith(1), trusted)
  expect(asked).toBe(1)
})
