/** What comes in and goes out, in the contract's words. */
import { type } from 'arktype'
import { callDirections, callStatuses } from '#db/schema/index.ts'
import {
  dateOrDateTime,
  listBody,
  listQuery,
  newCall,
  oneOf,
  phoneNumber,
  safeText,
  uuid,
} from '../hooks/validation/index.ts'

export { newCall }

const callStatus = oneOf(...callStatuses)
const callDirection = oneOf(...callDirections)

/** A time in an answer. */
const instant = type('string').configure({ format: 'date-time' }, 'self')

const filters = {
  'status?': callStatus,
  'direction?': callDirection,
  'from?': dateOrDateTime,
  'to?': dateOrDateTime,
} as const

/** Query of the list. Numbers arrive as text. */
export const callListQuery = type({ '...': listQuery, '+': 'reject', ...filters })

/** Body of a search: a number never stands in a URL. */
export const callSearch = type({
  '...': listBody,
  '+': 'reject',
  ...filters,
  number: phoneNumber,
}).configure(
  { title: 'CallSearch', examples: [{ number: '+919876543210', status: 'completed' }] },
  'self',
)

/** The period of a statistic. */
export const statsQuery = type({ '+': 'reject', 'from?': dateOrDateTime, 'to?': dateOrDateTime })

/** Body of a change. */
export const callChange = type({
  '+': 'reject',
  'notes?': safeText({ max: 10_000, lines: true }).or('null'),
  'tags?': safeText({ min: 1, max: 64 }).array().atMostLength(20),
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
  /** Talk time of completed calls, exact; null where none is known. */
  averageDurationSeconds: 'number | null',
  /** Exact too: where it falls between two calls, in between their talk times (`percentile_cont`). */
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
}).configure(
  {
    title: 'CallStats',
    examples: [
      {
        ...{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-31T00:00:00.000Z', total: 12 },
        ...{ answerRate: 0.75, averageDurationSeconds: 81.5, p95DurationSeconds: 240 },
        byDay: [{ day: '2026-01-30', total: 12, completed: 9 }],
        byStatus: {
          ...{ queued: 0, ringing: 0, 'in-progress': 0, completed: 9 },
          ...{ busy: 1, 'no-answer': 2, failed: 0, canceled: 0 },
        },
        byDirection: { outbound: 10, inbound: 2 },
      },
    ],
  },
  'self',
)

export type Call = typeof call.infer
export type CallEvent = typeof callEvent.infer
export type CallWithEvents = typeof callWithEvents.infer
export type CallPage = typeof callPage.infer
export type CallStats = typeof callStats.infer
export type NewCall = typeof newCall.infer
export type CallChange = typeof callChange.infer
/** What a list is narrowed by; `limit` as a number. */
export type CallFilters = Partial<typeof callSearch.infer>
