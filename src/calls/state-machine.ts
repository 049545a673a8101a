/**
 * What a call is, and what an event makes of it. Pure: callbacks, reconciliation, the simulator and
 * the tests share this one definition, and whoever calls it keeps the row and its lock.
 *
 * Built so that the order of arrival does not matter: ranks only rise, the earliest of two moments
 * wins, and what only a final event knows is filled in once. The events of one call's life lead to
 * the same end in any order, however often each of them comes.
 */
import type { callStatuses } from '#db/schema/index.ts'

/** Every state a call can be in. */
export type CallStatus = (typeof callStatuses)[number]

/** The part of a call that events change. */
export interface CallState {
  readonly status: CallStatus
  readonly startedAt: Date | null
  readonly answeredAt: Date | null
  readonly endedAt: Date | null
  /** Talk time, without ringing. */
  readonly durationSeconds: number | null
  readonly recordingAvailable: boolean
  readonly failureReason: string | null
}

/** What one event says. Whatever is missing, it says nothing about. */
export interface CallNews {
  /** Who says so. `details` is the provider's own record, asked for by us: it may correct. */
  readonly authority: 'callback' | 'details'
  /** Missing: the event has no status word, or one that nobody knows. */
  readonly status?: CallStatus | undefined
  readonly startedAt?: Date | undefined
  readonly answeredAt?: Date | undefined
  readonly endedAt?: Date | undefined
  /** Whole seconds from 0 up. */
  readonly durationSeconds?: number | undefined
  readonly recording?: boolean | undefined
  readonly failureReason?: string | undefined
}

/** The state after an event, and what is new about it. */
export interface Transition {
  readonly state: CallState
  /** Only what differs; empty when the event told nothing new. */
  readonly changes: Partial<CallState>
}

const ranks: Readonly<Record<CallStatus, number>> = {
  queued: 0,
  ringing: 1,
  'in-progress': 2,
  completed: 3,
  busy: 3,
  'no-answer': 3,
  failed: 3,
  canceled: 3,
}

/** Whether a call in this state is over. */
export const isFinal = (status: CallStatus): boolean => ranks[status] === 3

/**
 * Applies one event. A call that is over stays so: a later callback fills what is still empty, and
 * only the provider's own record (`details`) may correct the outcome.
 */
export function transition(state: CallState, news: CallNews): Transition {
  const status = nextStatus(state.status, news)
  const final = news.status !== undefined && isFinal(news.status)
  const corrects = final && news.authority === 'details'
  const next: CallState = {
    status,
    startedAt: earliest(state.startedAt, news.startedAt),
    answeredAt: earliest(state.answeredAt, news.answeredAt),
    // Answered events carry an empty end and a talk time of 0: only a final one knows these.
    endedAt: final ? fill(state.endedAt, news.endedAt, corrects) : state.endedAt,
    durationSeconds: final
      ? fill(state.durationSeconds, news.durationSeconds, corrects)
      : state.durationSeconds,
    recordingAvailable: state.recordingAvailable || news.recording === true,
    failureReason: failureReason(state, status, news),
  }
  return { state: next, changes: difference(state, next) }
}

function nextStatus(current: CallStatus, { status, authority }: CallNews): CallStatus {
  if (status === undefined) return current
  if (isFinal(current)) return authority === 'details' && isFinal(status) ? status : current
  return ranks[status] > ranks[current] ? status : current
}

/** Why it failed stays only with a call that did, and comes from an event that says so too. */
function failureReason(state: CallState, status: CallStatus, news: CallNews): string | null {
  if (status !== 'failed') return null
  return fill(state.failureReason, news.status === 'failed' ? news.failureReason : undefined, false)
}

/**
 * The earlier of two moments. Callbacks tell whole seconds: within one second the finer time is the
 * better one, or a call would have begun before it was asked for.
 */
function earliest(known: Date | null, heard: Date | undefined): Date | null {
  if (heard === undefined) return known
  if (known === null) return heard
  const seconds = wholeSeconds(heard) - wholeSeconds(known)
  return seconds < 0 || (seconds === 0 && heard > known) ? heard : known
}

const wholeSeconds = (time: Date): number => Math.floor(time.getTime() / 1000)

function fill<Value>(known: Value | null, heard: Value | undefined, corrects: boolean) {
  if (heard === undefined) return known
  return known === null || corrects ? heard : known
}

function difference(before: CallState, after: CallState): Partial<CallState> {
  const changed = (Object.keys(after) as (keyof CallState)[]).filter(
    (key) => before[key]?.valueOf() !== after[key]?.valueOf(),
  )
  return Object.fromEntries(changed.map((key) => [key, after[key]]))
}
