import { expect, test } from 'bun:test'
import {
  type CallNews,
  type CallState,
  type CallStatus,
  isFinal,
  transition,
} from '../../src/calls/state-machine.ts'

const queued: CallState = {
  status: 'queued',
  startedAt: null,
  answeredAt: null,
  endedAt: null,
  durationSeconds: null,
  recordingAvailable: false,
  failureReason: null,
}

const apply = (events: readonly CallNews[], from = queued): CallState =>
  events.reduce((state, event) => transition(state, event).state, from)

const at = (seconds: number) => new Date(1_780_000_000_000 + seconds * 1000)
const callback = (news: Omit<CallNews, 'authority'>): CallNews => ({
  authority: 'callback',
  ...news,
})

/** Reproducible randomness (mulberry32): a failure names its seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function shuffled<Item>(items: readonly Item[], next: () => number): Item[] {
  const copy = [...items]
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(next() * (index + 1))
    const [one, two] = [copy[index], copy[other]]
    if (one !== undefined && two !== undefined) [copy[index], copy[other]] = [two, one]
  }
  return copy
}

/** All that one call's life says: by the provider's answer, callbacks and, perhaps, its own record. */
function life(next: () => number): CallNews[] {
  const outcomes: readonly CallStatus[] = ['completed', 'busy', 'no-answer', 'failed', 'canceled']
  const status = outcomes[Math.floor(next() * outcomes.length)] ?? 'completed'
  const talked = status === 'completed'
  const rang = 1 + Math.floor(next() * 30)
  const talk = talked ? Math.floor(next() * 600) : 0
  const end = at(rang + talk)
  const ending = {
    status,
    startedAt: at(0),
    endedAt: end,
    durationSeconds: talk,
    answeredAt: talked ? at(rang + Math.floor(next() * 2)) : undefined,
    failureReason: status === 'failed' ? 'caller_not_reached' : undefined,
  }
  const events = [
    callback({ status: 'ringing', startedAt: at(Math.floor(next() * 3) + next()) }),
    callback({ status: 'ringing', startedAt: at(0) }),
    ...(talked ? [callback({ status: 'in-progress', answeredAt: at(rang) })] : []),
    callback({ ...ending, recording: talked }),
    // Without StatusCallbackEvents: four fields only.
    callback({ status }),
    callback({}),
    ...(next() < 0.5 ? [{ ...ending, authority: 'details' as const }] : []),
  ]
  return events
}

test('the events of one life end in one state, in every order and however often each comes', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed)
    const events = life(next)
    const expected = apply(events)
    for (let round = 0; round < 20; round += 1) {
      const again = events.filter(() => next() < 0.4)
      const arrived = shuffled([...events, ...again], next)
      expect({ seed, ...apply(arrived) }).toEqual({ seed, ...expected })
    }
  }
})

test('a call that is over stays what it was, whatever callbacks say', () => {
  const next = random(7)
  const events = Array.from({ length: 200 }, () => life(next)).flat()
  for (const status of ['completed', 'busy', 'no-answer', 'failed', 'canceled'] as const) {
    const callbacks = events.filter(({ authority }) => authority === 'callback')
    expect(apply(callbacks, { ...queued, status }).status).toBe(status)
  }
})

test('a status never goes back while the call is open', () => {
  const talking = { ...queued, status: 'in-progress' } as const
  for (const status of ['queued', 'ringing'] as const)
    expect(transition(talking, callback({ status })).changes).toEqual({})
})

test('a later callback fills what is empty and overwrites nothing', () => {
  const ended = apply([callback({ status: 'completed' })])
  const filled = transition(
    ended,
    callback({ status: 'completed', endedAt: at(9), durationSeconds: 5 }),
  )
  expect(filled.changes).toEqual({ endedAt: at(9), durationSeconds: 5 })
  const other = transition(
    filled.state,
    callback({ status: 'busy', endedAt: at(99), durationSeconds: 0 }),
  )
  expect(other.changes).toEqual({})
})

test("the provider's own record corrects the outcome of a callback", () => {
  const failed = apply([callback({ status: 'failed', endedAt: at(5), failureReason: 'x' })])
  const { state } = transition(failed, {
    authority: 'details',
    status: 'completed',
    endedAt: at(60),
    durationSeconds: 50,
  })
  expect(state).toMatchObject({ status: 'completed', endedAt: at(60), durationSeconds: 50 })
  expect(state.failureReason).toBeNull()
  expect(transition(state, { authority: 'details', status: 'ringing' }).changes).toEqual({})
})

test('an answered event does not set the talk time that only the end knows', () => {
  const { state } = transition(queued, callback({ status: 'ringing', durationSeconds: 0 }))
  expect(state.durationSeconds).toBeNull()
})

test('an unknown word leaves the status as it is', () => {
  expect(transition(queued, callback({ startedAt: at(1) })).changes).toEqual({ startedAt: at(1) })
})

test('of two times within a second the finer one is kept, in either order', () => {
  const coarse = callback({ startedAt: at(5) })
  const fine = callback({ startedAt: new Date(at(5).getTime() + 289) })
  expect(apply([coarse, fine]).startedAt).toEqual(fine.startedAt ?? null)
  expect(apply([fine, coarse]).startedAt).toEqual(fine.startedAt ?? null)
})

test('five states are final', () => {
  const all: CallStatus[] = ['queued', 'ringing', 'in-progress', 'completed', 'busy', 'failed']
  expect(all.filter(isFinal)).toEqual(['completed', 'busy', 'failed'])
})
