/** What comes in and goes out, in the contract's words. */
import { type } from 'arktype'
import { callDirections, callStatuses } from '#db/schema/index.ts'
import { isDay, isTime } from '../hooks/validation/time.ts'
import { phoneNumber } from './phone.ts'

const callStatus = type.enumerated(...callStatuses)
const callDirection = type.enumerated(...callDirections)
const uuid = type('string.uuid')

/** A time in an answer. */
const instant = type('string').configure({ format: 'date-time' }, 'self')

/** A moment in a filter: a time, or the beginning of a day in UTC. */
const moment = type('string <= 40').narrow(
  (text, ctx) =>
    isDay(text) || isTime(text) || ctx.mustBe('an ISO 8601 date, or a time with its offset'),
)

const filters = type({
  'status?': callStatus,
  'direction?': callDirection,
  'from?': moment,
  'to?': moment,
  'cursor?': '1 <= string <= 1024',
})

/** Query of the list. Numbers arrive as text. */
export const callListQuery = type({
  '...': filters,
  '+': 'reject',
  'limit?': type(/^\d{1,3}$/)
    .narrow((text, ctx) => isLimit(Number(text)) || ctx.mustBe('a whole number from 1 to 100'))
    .describe('a whole number from 1 to 100'),
})

const isLimit = (limit: number) => limit >= 1 && limit <= 100

/** Body of a search: a number never stands in a URL. */
export const callSearch = type({
  '...': filters,
  '+': 'reject',
  number: phoneNumber,
  'limit?': type('1 <= number.integer <= 100').describe('a whole number from 1 to 100'),
}).configure(
  { title: 'CallSearch', examples: [{ number: '+919876543210', status: 'completed' }] },
  'self',
)

/** The period of a statistic. */
export const statsQuery = type({ '+': 'reject', 'from?': moment, 'to?': moment })

/** Body of a new call. */
export const newCall = type({
  '+': 'reject',
  from: phoneNumber,
  to: phoneNumber,
  'record?': 'boolean',
  'customField?': 'string <= 1024 | null',
}).configure(
  {
    title: 'NewCall',
    examples: [
      { from: '+919876543210', to: '+919812345678', record: true, customField: 'order 4711' },
    ],
  },
  'self',
)

const tag = type(/^[^\p{Cc}]{1,64}$/u).describe('1 to 64 characters without control characters')

/** Body of a change. */
export const callChange = type({
  '+': 'reject',
  'notes?': 'string <= 10000 | null',
  'tags?': tag.array().atMostLength(20),
}).configure(
  { title: 'CallChange', examples: [{ notes: 'Wants to be called back', tags: ['vip'] }] },
  'self',
)

/** The `:id` of a call. Whatever is not a UUID cannot be there: that is a 404, not a fault. */
export const callParams = type({ id: 'string' })

const exampleCall = {
  id: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00',
  status: 'completed',
  direction: 'outbound',
  from: '+919876543210',
  to: '+919812345678',
  providerCallId: 'c5113cd8bc3504af70d71f881671bc49',
  record: true,
  customField: 'order 4711',
  notes: null,
  tags: ['vip'],
  createdAt: '2026-01-31T09:30:00.000Z',
  startedAt: '2026-01-31T09:30:01.000Z',
  answeredAt: '2026-01-31T09:30:08.000Z',
  endedAt: '2026-01-31T09:31:20.000Z',
  durationSeconds: 72,
  recordingAvailable: true,
  failureReason: null,
} as const

const exampleEvent = {
  id: '01931f6e-5d8a-7b1e-8c22-93f04d6ab711',
  status: 'completed',
  source: 'callback',
  at: '2026-01-31T09:31:20.000Z',
} as const

/** A call. */
export const call = type({
  id: uuid,
  status: callStatus,
  direction: callDirection,
  from: 'string',
  to: 'string',
  providerCallId: 'string | null',
  record: 'boolean',
  customField: 'string | null',
  notes: 'string | null',
  tags: 'string[]',
  createdAt: instant,
  startedAt: instant.or('null'),
  answeredAt: instant.or('null'),
  endedAt: instant.or('null'),
  durationSeconds: 'number | null',
  recordingAvailable: 'boolean',
  failureReason: 'string | null',
}).configure({ title: 'Call', examples: [exampleCall] }, 'self')

/** One event of a call. */
const callEvent = type({
  id: uuid,
  status: callStatus,
  source: 'string',
  at: instant,
}).configure({ title: 'CallEvent', examples: [exampleEvent] }, 'self')

/** A call with its events, oldest first. */
export const callWithEvents = type({ '...': call, events: callEvent.array() }).configure(
  { title: 'CallWithEvents', examples: [{ ...exampleCall, events: [exampleEvent] }] },
  'self',
)

/** One page of calls, newest first. */
export const callPage = type({ items: call.array(), nextCursor: 'string | null' }).configure(
  { title: 'CallPage' },
  'self',
)

/** Figures over a period. */
export const callStats = type({
  from: instant,
  to: instant,
  total: 'number',
  /** Completed calls of all that are over; null where none is. */
  answerRate: 'number | null',
  averageDurationSeconds: 'number | null',
  p95DurationSeconds: 'number | null',
  byDay: type({ day: 'string', total: 'number', completed: 'number' }).array(),
  byStatus: {
    queued: 'number',
    ringing: 'number',
    'in-progress': 'number',
    completed: 'number',
    busy: 'number',
    'no-answer': 'number',
    failed: 'number',
    canceled: 'number',
  },
  byDirection: { outbound: 'number', inbound: 'number' },
}).configure({ title: 'CallStats' }, 'self')

export type Call = typeof call.infer
export type CallEvent = typeof callEvent.infer
export type CallWithEvents = typeof callWithEvents.infer
export type CallPage = typeof callPage.infer
export type CallStats = typeof callStats.infer
export type NewCall = typeof newCall.infer
export type CallChange = typeof callChange.infer
/** What a list is narrowed by; `limit` as a number. */
export type CallFilters = typeof filters.infer & {
  readonly number?: string | undefined
  readonly limit?: number | undefined
}
