/** Holds what clients were promised against what is in the database. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Placed } from '../../support/crash/placing.ts'
import { judge, untilEnded, type Verdict } from '../../support/crash/verdict.ts'
import { eventually } from '../../support/process.ts'
import type { Acknowledged } from './load.ts'
import type { Stage } from './stage.ts'

/** What is in the database of what was promised. */
export interface Found {
  readonly acknowledged: number
  /** Promised, and not there. */
  readonly lost: number
  /** There more than once. */
  readonly twice: number
}

/** Milliseconds until what waits on disk is in the database: it is tried every 5 s. */
const replayLimit = 20_000

/** Milliseconds for which a call may take to its end: a dead process's job is missed after 10 s. */
const endLimit = 40_000

/** Milliseconds: messages that were only stored are looked at every 10 s. */
const sweepLimit = 25_000

/** Looks for everything that was acknowledged, until it is there or the time is up. */
export async function lookFor(
  { placed, callbacks, audited }: Acknowledged,
  { rows }: Stage,
): Promise<Found> {
  const count = async () => {
    const calls = await rows.query(
      'select count(*)::int as n from unnest($1::uuid[]) as id where id in (select id from calls)',
      [array(placed.ids)],
    )
    const events = await rows.query(
      `select count(distinct request_id)::int as n, count(*)::int as rows from audit_logs
       join unnest($1::text[], $2::text[]) as told (id, type)
         on request_id = told.id and event_type = told.type`,
      [array([...audited.keys()]), array([...audited.values()])],
    )
    return {
      lost: placed.ids.length - Number(calls[0]?.['n']) + audited.size - Number(events[0]?.['n']),
      twice: Number(events[0]?.['rows']) - Number(events[0]?.['n']),
    }
  }
  const found = await eventually(count, ({ lost }) => lost === 0, replayLimit).catch(count)
  return {
    acknowledged: placed.ids.length + callbacks.length + audited.size,
    ...found,
  }
}

/** Texts without commas or quotes. */
const array = (texts: readonly string[]): string => `{${texts.join()}}`

/** What became of everything that a stage's loads were promised, once all has come to its end. */
export interface Account extends Pick<Verdict, 'unsettled' | 'longest'> {
  /** What must not be, one line each. */
  readonly broken: readonly string[]
}

/**
 * Waits until every call and job has ended, then looks at each call, message and event, and has the
 * trail verified. The database must have had a {@linkcode witness} from the beginning.
 */
export async function settle(stage: Stage, promises: readonly Acknowledged[]): Promise<Account> {
  const { rows } = stage
  const late = await untilEnded(rows, endLimit)
  const [{ broken, ...verdict }, ...wrong] = await Promise.all([
    judge(rows, together(promises)),
    wrongMessages(stage, promises),
    wrongTrail(stage),
    wrongSpool(stage),
  ])
  return { ...verdict, broken: [...late, ...broken, ...wrong.flat()] }
}

function together(promises: readonly Acknowledged[]): Placed {
  const sum = (pick: (placed: Placed) => number) =>
    promises.reduce((total, { placed }) => total + pick(placed), 0)
  return {
    ids: promises.flatMap(({ placed }) => placed.ids),
    surprises: promises.flatMap(({ placed }) => placed.surprises),
    keys: sum(({ keys }) => keys),
    replayed: sum(({ replayed }) => replayed),
    refused: sum(({ refused }) => refused),
    lost: sum(({ lost }) => lost),
    putOff: sum(({ putOff }) => putOff),
  }
}

/**
 * Each message that was answered 200 is one row; those of the simulator are about a call. One that
 * may be about a call whose placing is not settled was looked at, and waits for a reason.
 */
async function wrongMessages({ rows }: Stage, promises: readonly Acknowledged[]) {
  const told = promises.flatMap(({ callbacks }) => callbacks).length
  const count = async () => {
    const [row] = await rows.query(
      `select count(*)::int as stored, count(*) filter (where state = 'received' and reason is null)::int as waiting
       from webhook_events where call_id is null`,
    )
    return { stored: Number(row?.['stored']), waiting: Number(row?.['waiting']) }
  }
  const { stored, waiting } = await eventually(
    count,
    (found) => found.waiting === 0,
    sweepLimit,
  ).catch(count)
  return [
    ...(stored === told ? [] : [`${told} messages were acknowledged, and ${stored} are there`]),
    ...(waiting === 0 ? [] : [`${waiting} messages were never looked at`]),
  ]
}

/** As an auditor asks. */
async function wrongTrail({ admin }: Stage): Promise<string[]> {
  const { status, body } = await admin('GET', '/api/audit/verify')
  if (status === 200 && body.intact === true) return []
  return [`the trail is verified ${status}: ${JSON.stringify(body).slice(0, 500)}`]
}

/** Nothing waits on disk any more, and nothing there was damaged. */
async function wrongSpool({ dataDir }: Stage): Promise<string[]> {
  const look = async () => {
    const names = await readdir(join(dataDir, 'audit-spool')).catch(() => [])
    return names.filter((name) => /\.(segment|damaged)$/.test(name))
  }
  const left = await eventually(look, ({ length }) => length === 0, replayLimit).catch(look)
  return left.map((name) => `${name} stays in the spool`)
}
