import { and, isNull, sql } from 'drizzle-orm'
import type { Executor } from '#db/database.ts'
import { calls } from '#db/schema/index.ts'
import type { CallChanged } from './apply.ts'
import { isOpen } from './queries.ts'
import type { CallState, CallStatus } from './state-machine.ts'

/** A status of calls that are not over. */
export type OpenCallStatus = Extract<CallStatus, 'queued' | 'ringing' | 'in-progress'>

/** A status of calls that are over. */
export type FinalCallStatus = Exclude<CallStatus, OpenCallStatus>

/** What a change makes known of a call's times, each once in a call's life. In seconds. */
export interface CallTimes {
  /** Set where it is over now: from when it was asked for, or began, to its end. */
  readonly ended?: { readonly status: FinalCallStatus; readonly seconds: number }
  /** Set where it is known now how long an answered call was talked on. */
  readonly talk?: number
}

/** How many calls there are of each status that is not final, whoever's they are. */
export type OpenCallCounts = Readonly<Record<OpenCallStatus, number>>

/** Every status of calls that are not over, in their order. */
export const openCallStatuses: readonly OpenCallStatus[] = ['queued', 'ringing', 'in-progress']

/** Counts the calls that are not over, by the partial index of these alone. */
export async function openCallCounts(db: Executor): Promise<OpenCallCounts> {
  const rows = await db
    .select({ status: calls.status, count: sql<number>`count(*)::int` })
    .from(calls)
    .where(and(isOpen, isNull(calls.erasedAt)))
    .groupBy(calls.status)
  return {
    ...{ queued: 0, ringing: 0, 'in-progress': 0 },
    ...Object.fromEntries(rows.map(({ status, count }) => [status, count])),
  }
}

/**
 * What a change makes known. A call that comes in begins before we know it; its end is the provider's
 * word, as far as there is one. What the provider's own record corrects afterwards is not told anew.
 */
export function callTimes({ createdAt, at, before, after }: CallChanged): CallTimes {
  const began = Math.min(createdAt.getTime(), after.startedAt?.getTime() ?? createdAt.getTime())
  const seconds = Math.max(0, (after.endedAt ?? at).getTime() - began) / 1000
  const { status } = after
  const talk = talkOf(before) === undefined ? talkOf(after) : undefined
  return {
    ...(isOver(status) && !isOver(before.status) && { ended: { status, seconds } }),
    ...(talk !== undefined && { talk }),
  }
}

const isOver = (status: CallStatus): status is FinalCallStatus =>
  !openCallStatuses.some((open) => open === status)

const talkOf = ({ status, durationSeconds }: CallState): number | undefined =>
  status === 'completed' ? (durationSeconds ?? undefined) : undefined
