import {
  and,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from 'drizzle-orm'
import type { Drizzle, Executor } from '#db/database.ts'
import { callEvents, calls } from '#db/schema/index.ts'
import type { CallStatus } from './state-machine.ts'

/** A row of `calls`. */
export type CallRow = typeof calls.$inferSelect

/** A row of `call_events`. */
export type CallEventRow = typeof callEvents.$inferSelect

/** A row whose personal data is still there. */
export type LiveCallRow = CallRow & { readonly sealed: Uint8Array }

/** What narrows a list. */
export interface CallSelection {
  readonly clientId: string
  readonly status?: CallStatus | undefined
  readonly direction?: CallRow['direction'] | undefined
  /** From this moment on. */
  readonly from?: Date | undefined
  /** Up to, and without, this moment. */
  readonly to?: Date | undefined
  /** Blind indexes that the number may have, on either side of the call. */
  readonly numbers?: readonly Uint8Array[] | undefined
  /** Only rows before this id. */
  readonly before?: string | undefined
  readonly limit: number
}

/** What is read of calls. Another client's row cannot be told from one that is not there. */
export function callQueries(db: Drizzle) {
  const ofClient = eq(calls.clientId, sql.placeholder('clientId'))
  const live = isNull(calls.erasedAt)
  const byId = db
    .select()
    .from(calls)
    .where(and(ofClient, eq(calls.id, sql.placeholder('id')), live))
    .prepare('calls_by_id')
  const eventsOf = db
    .select()
    .from(callEvents)
    .where(eq(callEvents.callId, sql.placeholder('callId')))
    // Callbacks tell whole seconds: within one, what was heard first comes first.
    .orderBy(sql`date_trunc('second', ${callEvents.at})`, asc(callEvents.id))
    .limit(sql.placeholder('limit'))
    .prepare('call_events_of_call')

  const lists = new Map<string, ReturnType<typeof prepareList>>()

  /** One statement for each combination of filters (64 at most), prepared when first asked for. */
  function prepareList(filters: readonly string[]) {
    const conditions: Readonly<Record<string, SQL | undefined>> = {
      status: eq(calls.status, sql.placeholder('status')),
      direction: eq(calls.direction, sql.placeholder('direction')),
      from: gte(calls.createdAt, sql.placeholder('from')),
      to: lt(calls.createdAt, sql.placeholder('to')),
      before: lt(calls.id, sql.placeholder('before')),
    }
    return db
      .select()
      .from(calls)
      .where(and(ofClient, live, ...filters.map((filter) => conditions[filter])))
      .orderBy(desc(calls.id))
      .limit(sql.placeholder('limit'))
      .prepare(`calls_list_${filters.join('_')}`)
  }

  return {
    async find(clientId: string, id: string): Promise<LiveCallRow | undefined> {
      const [row] = await byId.execute({ clientId, id })
      return row && isLive(row) ? row : undefined
    },

    /** What was heard of a call, oldest first. */
    events(callId: string): Promise<CallEventRow[]> {
      return eventsOf.execute({ callId, limit: maxEvents })
    },

    /** Newest first. */
    async list({ numbers, ...selection }: CallSelection): Promise<LiveCallRow[]> {
      const values = Object.entries(selection).filter(([, value]) => value !== undefined)
      const filters = values
        .map(([name]) => name)
        .filter((name) => !fixed.has(name))
        .sort()
      if (numbers !== undefined) return search(db, numbers, { ...selection })
      const key = filters.join()
      const list = lists.get(key) ?? prepareList(filters)
      lists.set(key, list)
      return (await list.execute(Object.fromEntries(values))).filter(isLive)
    },
  }
}

/** Parameters that every list has. */
const fixed = new Set(['clientId', 'limit'])

/** A call has a handful; a provider gone mad must not fill an answer. */
const maxEvents = 200

const isLive = (row: CallRow): row is LiveCallRow => row.sealed !== null

async function search(
  db: Drizzle,
  numbers: readonly Uint8Array[],
  { clientId, status, direction, from, to, before, limit }: Omit<CallSelection, 'numbers'>,
): Promise<LiveCallRow[]> {
  const rows = await db
    .select()
    .from(calls)
    .where(
      and(
        eq(calls.clientId, clientId),
        isNull(calls.erasedAt),
        or(inArray(calls.fromIndex, [...numbers]), inArray(calls.toIndex, [...numbers])),
        status && eq(calls.status, status),
        direction && eq(calls.direction, direction),
        from && gte(calls.createdAt, from),
        to && lt(calls.createdAt, to),
        before ? lt(calls.id, before) : undefined,
      ),
    )
    .orderBy(desc(calls.id))
    .limit(limit)
  return rows.filter(isLive)
}

/** Locks a call for the transaction, so that events are applied one after the other. */
export async function lockCall(tx: Executor, id: string): Promise<CallRow | undefined> {
  const [row] = await tx.select().from(calls).where(eq(calls.id, id)).for('update')
  return row
}

/** The call that goes by one of these names at a provider. */
export async function holderOf(
  tx: Executor,
  provider: string,
  names: readonly string[],
): Promise<string | undefined> {
  const [row] = await tx
    .select({ id: calls.id })
    .from(calls)
    .where(and(eq(calls.provider, provider), inArray(calls.providerCallId, [...names])))
  return row?.id
}

/** Finished calls whose record at the provider is to be read by now, longest overdue first. */
export async function dueInquiries(
  db: Executor,
  provider: string,
  { until, limit }: { readonly until: Date; readonly limit: number },
): Promise<CallRow[]> {
  return await db
    .select()
    .from(calls)
    .where(and(eq(calls.provider, provider), lte(calls.inquireAt, until), isNull(calls.erasedAt)))
    .orderBy(asc(calls.inquireAt))
    .limit(limit)
}

/** What narrows {@linkcode openCalls}. */
export interface OpenSelection {
  /** Whether the provider has been asked to place them. */
  readonly dispatched: boolean
  /** Only those of which nothing was heard since. @default however lately something was heard */
  readonly since?: Date
  readonly limit: number
}

/** Calls that are not over, those first of which nothing was heard for longest. */
export async function openCalls(
  db: Executor,
  provider: string,
  { since, limit, dispatched }: OpenSelection,
): Promise<CallRow[]> {
  return await db
    .select()
    .from(calls)
    .where(
      and(
        eq(calls.provider, provider),
        isOpen,
        isNull(calls.erasedAt),
        since && lt(calls.lastHeardAt, since),
        dispatched ? isNotNull(calls.dispatchedAt) : isNull(calls.dispatchedAt),
      ),
    )
    .orderBy(asc(calls.lastHeardAt))
    .limit(limit)
}

/** What {@linkcode callsUnnamed} goes by. */
export interface UnnamedSelection {
  /** Blind indexes that the numbers may have. */
  readonly from: readonly Uint8Array[]
  readonly to: readonly Uint8Array[]
  /** When they were dispatched, both moments included. */
  readonly between: readonly [Date, Date]
}

/** Open calls that the provider was asked for and has not named, earliest first. */
export async function callsUnnamed(
  tx: Executor,
  provider: string,
  { from, to, between }: UnnamedSelection,
): Promise<Pick<CallRow, 'id' | 'dispatchedAt'>[]> {
  return await tx
    .select({ id: calls.id, dispatchedAt: calls.dispatchedAt })
    .from(calls)
    .where(
      and(
        eq(calls.provider, provider),
        isOpen,
        isNull(calls.providerCallId),
        isNull(calls.erasedAt),
        inArray(calls.fromIndex, [...from]),
        inArray(calls.toIndex, [...to]),
        gte(calls.dispatchedAt, between[0]),
        lte(calls.dispatchedAt, between[1]),
      ),
    )
    .orderBy(asc(calls.dispatchedAt), asc(calls.id))
}

/** Of calls that are not over. Spelled out, so that the planner sees the partial indexes' own condition. */
export const isOpen = sql`${calls.status} in ('queued', 'ringing', 'in-progress')`
