import { expect, test } from 'bun:test'
import type { AuditEntry } from '../../src/audit/index.ts'
import { summing } from '../../src/audit/summing.ts'
import { entryOf } from '../support/audit/trail.ts'

/** A summing whose clocks the test moves, and what it recorded. */
function open() {
  const recorded: AuditEntry[] = []
  const errors: unknown[] = []
  const state = { time: 0, broken: false }
  const sums = summing({
    interval: 60_000,
    now: () => Date.UTC(2026, 0, 1) + state.time,
    monotonic: () => state.time,
    async record(entry) {
      if (state.broken) throw new Error('nothing takes it')
      recorded.push(entry)
    },
    onError: (error) => errors.push(error),
  })
  return { sums, recorded, errors, state }
}

test('of a thousand events of one source the first is recorded at once, and after a minute how many followed and when', async () => {
  const { sums, recorded, state } = open()
  for (let event = 0; event < 1000; event += 1) {
    state.time = event * 10
    await sums.record('198.51.100.7', entryOf(event))
  }
  expect(recorded).toEqual([entryOf(0)])
  state.time = 60_000
  await sums.record('another', entryOf('another'))
  expect(recorded[1]).toEqual({
    ...entryOf(999),
    summary: {
      suppressed: 999,
      from: '2026-01-01T00:00:00.010Z',
      to: '2026-01-01T00:00:09.990Z',
    },
  })
  // The minute is over: the source's next event is a first one again.
  await sums.record('198.51.100.7', entryOf('later'))
  expect(recorded.slice(2)).toEqual([entryOf('another'), entryOf('later')])
})

test('events of one source and two types are counted apart', async () => {
  const { sums, recorded } = open()
  const other: AuditEntry = {
    event: 'WEBHOOK_REJECTED',
    origin: { actorType: 'anonymous' },
    details: { provider: 'simulator', reason: 'wrong_secret' },
  }
  await sums.record('198.51.100.7', entryOf(1))
  await sums.record('198.51.100.7', other)
  expect(recorded).toEqual([entryOf(1), other])
})

test('a flood from a hundred thousand sources writes a thousand rows and one that counts the others, and names none of these', async () => {
  const { sums, recorded } = open()
  const sources = 100_000
  for (let source = 0; source < sources; source += 1)
    await sums.record(`source ${source}`, entryOf(source))
  expect(recorded).toHaveLength(1000)
  await sums.close()
  expect(recorded).toHaveLength(1001)
  expect(recorded[1000]).toMatchObject({
    event: 'ACCESS_DENIED',
    origin: { actorType: 'anonymous' },
    summary: { suppressed: sources - 1000 },
  })
  expect(recorded[1000]?.origin.ip).toBeUndefined()
})

test('a first event that cannot be recorded fails, and the next of its source is tried again', async () => {
  const { sums, recorded, errors, state } = open()
  state.broken = true
  await expect(sums.record('source', entryOf(1))).rejects.toThrow('nothing takes it')
  await sums.record('other', entryOf(2)).catch(() => {})
  state.broken = false
  await sums.record('source', entryOf(3))
  expect(recorded).toEqual([entryOf(3)])
  expect(errors).toEqual([])
})

test('at a stop what was counted is written down', async () => {
  const { sums, recorded } = open()
  await sums.record('source', entryOf(1))
  await sums.record('source', entryOf(2))
  await sums.close()
  expect(recorded.map(({ summary }) => summary?.suppressed)).toEqual([undefined, 1])
})
