/** Whether every call is what the provider has played: none lost, none twice, none in another state. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExotelSimulator, PlayedCall } from '../../../src/exotel-simulator/index.ts'

/** A database, as far as it is asked. */
interface Asked {
  query(text: string): Promise<Record<string, unknown>[]>
}

/** What {@linkcode judge} goes by. */
export interface Evidence {
  readonly database: Asked
  readonly exotel: ExotelSimulator
  /** The calls that clients were told of. */
  readonly ids: readonly string[]
  /** Milliseconds for the last call to end. */
  readonly limit: number
  /** Processes that were killed: a message may then be stored whose answer was lost. */
  readonly restarts: number
}

/** What was found. */
export interface Verdict {
  readonly accepted: number
  readonly played: number
  /** Calls that never reached the provider: they must have failed. */
  readonly notPlaced: number
  /** Calls that ended by themselves, without the callback of their end. */
  readonly repaired: number
  readonly callbacksAccepted: number
  readonly rawEvents: number
  readonly recordings: number
  /** What is not as it must be, in words. */
  readonly broken: readonly string[]
}

interface Row {
  readonly id: string
  readonly status: string
  readonly providerCallId: string | null
  readonly failureReason: string | null
  readonly recordingAvailable: boolean
}

export async function judge(evidence: Evidence): Promise<Verdict> {
  const { database, exotel, ids, restarts } = evidence
  const broken: string[] = []
  const open = await untilEnded(evidence)
  if (open > 0) broken.push(`${open} calls are still open`)
  const rows = new Map((await callRows(database)).map((row) => [row.id, row]))
  const played = Map.groupBy(exotel.calls(), ({ customField }) => customField ?? '')

  for (const [id, calls] of played)
    if (calls.length > 1) broken.push(`${id} was placed ${calls.length} times`)
  for (const id of ids) {
    const row = rows.get(id)
    if (row === undefined) broken.push(`${id} is lost`)
    else broken.push(...faultsOf(row, played.get(id)?.[0]))
  }
  if (rows.size !== ids.length) broken.push(`${rows.size} rows of ${ids.length} accepted calls`)

  const [events] = await query<{ deliveries: number; waiting: number }>(
    database,
    `select coalesce(sum(deliveries), 0)::int as deliveries,
       count(*) filter (where state = 'received')::int as waiting from webhook_events`,
  )
  const sent = exotel.calls().reduce((sum, { callbacks }) => sum + callbacks.accepted, 0)
  const callbacksAccepted = sent + (exotel.counts().faults['callback-malformed'] ?? 0)
  const rawEvents = events?.deliveries ?? 0
  // Committed, and then killed before the answer: the provider sends it again.
  const isComplete = restarts > 0 ? rawEvents >= sent : rawEvents === callbacksAccepted
  if (!isComplete) broken.push(`${rawEvents} raw events of ${callbacksAccepted} accepted callbacks`)
  if (events?.waiting !== 0) broken.push(`${events?.waiting} raw events are not applied`)
  const [repaired] = await query<{ count: number }>(
    database,
    `select count(distinct call_id)::int as count from call_events
     where source = 'reconciliation' and status not in ('queued', 'ringing', 'in-progress')`,
  )
  return {
    accepted: ids.length,
    played: played.size,
    notPlaced: ids.filter((id) => !played.has(id)).length,
    repaired: repaired?.count ?? 0,
    callbacksAccepted,
    rawEvents,
    recordings: [...rows.values()].filter(({ recordingAvailable }) => recordingAvailable).length,
    broken,
  }
}

/** What is wrong with one call. */
function faultsOf(row: Row, played: PlayedCall | undefined): string[] {
  if (played === undefined)
    return row.status === 'failed' ? [] : [`${row.id} is ${row.status}, and was never placed`]
  const end = played.legs[1] === 'canceled' ? 'canceled' : played.status
  return [
    ...(row.status === end
      ? []
      : [`${row.id} is ${row.status} (${row.failureReason}), and was played ${end}`]),
    ...(row.recordingAvailable === played.recorded
      ? []
      : [`${row.id} has ${row.recordingAvailable ? 'a' : 'no'} recording`]),
    ...(row.providerCallId === played.sid ? [] : [`${row.id} goes by another call's name`]),
  ]
}

/** Waits for the end of every call, and for what is said of it late. @returns how many are still open at the limit */
async function untilEnded({ database, limit }: Evidence): Promise<number> {
  const deadline = performance.now() + limit
  for (;;) {
    const [row] = await query<{ open: number }>(
      database,
      `select (select count(*) from calls where status in ('queued', 'ringing', 'in-progress'))
         + (select count(*) from calls where inquire_at is not null)
         + (select count(*) from webhook_events where state = 'received') as open`,
    )
    const open = Number(row?.open ?? 0)
    if (open === 0 || performance.now() > deadline) return open
    await sleep(200)
  }
}

const callRows = (database: Asked): Promise<Row[]> =>
  query<Row>(
    database,
    `select id, status, provider_call_id as "providerCallId", failure_reason as "failureReason",
       recording_available as "recordingAvailable" from calls`,
  )

async function query<Found>(database: Asked, text: string): Promise<Found[]> {
  return (await database.query(text)) as Found[]
}
