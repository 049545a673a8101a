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

test('a flood from a hundred thousand sources writes a thousand rows, the next one’s, and one that counts the others and names none of them', async () => {
  const { sums, recorded } = open()
  const sources = 100_000
  for (let source = 0; source < sources; source += 1)
    await sums.record(`source ${source}`, entryOf(source))
  expect(recorded).toEqual(Array.from({ length: 1001 }, (_, source) => entryOf(source)))
  await sums.close()
  expect(recorded).toHaveLength(1002)
  expect(recorded[1001]).toMatchObject({
    event: 'ACCESS_DENIED',
    origin: { actorType: 'anonymous' },
    summary: { suppressed: sources - 1001 },
  })
  expect(recorded[1001]?.origin.ip).toBeUndefined()
})

/** A tenant's key that lacks a scope. */
const denied = (actorId: string, clientId: string): AuditEntry => ({
  event: 'ACCESS_DENIED',
  origin: { actorType: 'api_key', actorId, clientId, requestId: `request of ${actorId}` },
  details: { reason: 'missing_scope', scope: 'users:write' },
  statusCode: 403,
})

test('a flood of strangers hides no refusal of a known key', async () => {
  const { sums, recorded } = open()
  for (let source = 0; source < 5000; source += 1)
    await sums.record(`stranger ${source}`, entryOf(source))
  recorded.splice(0)
  await sums.record('key', denied('key', 'tenant-b'))
  await sums.record('key', denied('key', 'tenant-b'))
  expect(recorded).toEqual([denied('key', 'tenant-b')])
  await sums.close()
  expect(recorded).toContainEqual({
    ...denied('key', 'tenant-b'),
    summary: {
      suppressed: 1,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T00:00:00.000Z',
    },
  })
})

test('a flood of one type hides no event of another', async () => {
  const { sums, recorded } = open()
  for (let source = 0; source < 5000; source += 1)
    await sums.record(`stranger ${source}`, {
      event: 'VALIDATION_FAILED',
      origin: { actorType: 'anonymous' },
      details: { code: 'MALFORMED_BODY', fields: [] },
    })
  recorded.splice(0)
  await sums.record('198.51.100.7', entryOf('one'))
  expect(recorded).toEqual([entryOf('one')])
})

test('beyond a thousand known sources each client has its own count, and the first of it is a row', async () => {
  const { sums, recorded } = open()
  for (let key = 0; key < 1000; key += 1) await sums.record(`${key}`, denied(`${key}`, 'tenant-a'))
  recorded.splice(0)
  const others = ['b1', 'b2', 'b3', 'c1', 'c2'].map((key) => denied(key, `tenant-${key[0]}`))
  for (const entry of others) await sums.record(`${entry.origin.actorId}`, entry)
  expect(recorded).toEqual([denied('b1', 'tenant-b'), denied('c1', 'tenant-c')])
  await sums.close()
  expect(recorded.slice(2).map(({ origin, summary }) => [origin, summary?.suppressed])).toEqual([
    [{ actorType: 'api_key', clientId: 'tenant-b' }, 2],
    [{ actorType: 'api_key', clientId: 'tenant-c' }, 1],
  ])
})

test('however many clients there are, a thousand are counted apart, and the rest together', async () => {
  const { sums, recorded } = open()
  const clients = 5000
  for (let client = 0; client < clients; client += 1)
    await sums.record(`${client}`, denied(`key ${client}`, `${client}`))
  // A source each, then a client each, and one more.
  expect(recorded).toHaveLength(2001)
  await sums.close()
  expect(recorded.slice(2001)).toMatchObject([
    { origin: { actorType: 'api_key' }, summary: { suppressed: clients - 2001 } },
  ])
  expect(Object.keys(recorded.at(-1)?.origin ?? {})).toEqual(['actorType'])
})

test('once the minute is over the sources of a flood have their own rows again', async () => {
  const { sums, recorded, state } = open()
  for (let source = 0; source < 5000; source += 1)
    await sums.record(`stranger ${source}`, entryOf(source))
  state.time = 60_000
  await sums.record('another', entryOf('another'))
  expect(recorded.at(-1)).toEqual(entryOf('another'))
  for (let source = 0; source < 999; source += 1)
    await sums.record(`later ${source}`, entryOf(`later ${source}`))
  expect(recorded.at(-1)).toEqual(entryOf('later 998'))
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
