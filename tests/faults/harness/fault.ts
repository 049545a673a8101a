/** A fault, from the steady state before it to the verdict on what clients saw. */
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../support/process.ts'
import { type Found, lookFor } from './ledger.ts'
import { type Acknowledged, startLoad } from './load.ts'
import { forgetPeak, peakMemory } from './memory.ts'
import { measure, type Sign } from './metrics.ts'
import type { Kind, Note } from './notes.ts'
import type { Stage } from './stage.ts'
import { type Course, surprisesIn } from './surprises.ts'

/** Something that goes wrong around a service, or in it. */
export interface Fault {
  /** What breaks, in the words of docs/faults.md. */
  readonly name: string
  /** Breaks it. */
  begin(stage: Stage): Promise<void> | void
  /** Mends it; it counts from here until all is well. */
  end(stage: Stage): Promise<void> | void
  /** What is answered as ever while it lasts; other kinds may be put off with 503. */
  readonly serves: readonly Kind[] | 'all'
  /** Whether `/health/ready` must say so. @default false */
  readonly unready?: boolean
  /** Whether some of what it does not serve must be put off: else nothing was broken. @default true */
  readonly hurts?: boolean
  /**
   * Where the process itself goes, so that nobody may listen: which connections may break. `unread`:
   * those on which it had read no request. @default none, and somebody listens
   */
  readonly breaks?: 'unread' | 'any'
  /** What an operator sees. */
  readonly sign?: Sign
  /** How many times the usual load it is put under. @default 1 */
  readonly load?: number
  /** Milliseconds within which all must be well again. @default 20_000 */
  readonly recoversWithin?: number
}

/** What came of it. */
export interface Report extends Found {
  readonly fault: string
  readonly requests: number
  /** How many of each status, while the fault lasted and until all was well. */
  readonly statuses: Readonly<Record<string, number>>
  /** Milliseconds. */
  readonly worst: number
  /** Milliseconds from when it broke until all was well. */
  readonly outage: number
  /** Milliseconds of that after it was mended. */
  readonly recovery: number
  /** The most resident memory of the process, in MB. */
  readonly memory: number
  /** What must not be, one line each. */
  readonly broken: readonly string[]
  /** For the stage's account at its end. */
  readonly promised: Acknowledged
}

/** Milliseconds of good answers by which the steady state, and a recovery, are known. */
const calm = 1000

/** Milliseconds for the steady state to come about: everything is compiled by then. */
const steadyLimit = 60_000

/** Milliseconds for which an operator may wait for the sign. */
const signLimit = 10_000

/** Puts a stage under load, has the fault last for so many milliseconds, and sees it recover. */
export async function endure(stage: Stage, fault: Fault, lasts: number): Promise<Report> {
  const broken: string[] = []
  const load = startLoad(stage, fault.load)
  const { notes } = load
  const { fixed, ...course } = await happen(stage, fault, lasts, notes, broken).catch(
    (error: unknown) => {
      broken.push(error instanceof Error ? error.message : String(error))
      const now = performance.now()
      return { well: 0, broke: 0, fixed: now, mended: now }
    },
  )
  const promised = await load.stop()
  const { broke, mended } = course
  const found = await lookFor(promised, stage)
  return {
    fault: fault.name,
    requests: notes.length,
    statuses: countsOf(notes.filter(({ ended }) => ended > broke && ended < mended)),
    worst: Math.round(Math.max(...notes.map(({ began, ended }) => ended - began))),
    outage: Math.round(mended - broke),
    recovery: Math.round(mended - fixed),
    memory: await peakMemory(stage.caly()),
    ...found,
    broken: [
      ...broken,
      ...surprisesIn(fault, stage, notes, course),
      ...(found.lost > 0 ? [`${found.lost} things were acknowledged and are not there`] : []),
      ...(found.twice > 0 ? [`${found.twice} events are there more than once`] : []),
    ],
    promised,
  }
}

/** @throws {Error} if there is no steady state to begin with, or it does not come back */
async function happen(
  stage: Stage,
  fault: Fault,
  lasts: number,
  notes: readonly Note[],
  broken: string[],
): Promise<Course & { readonly fixed: number }> {
  const { sign, recoversWithin = 20_000 } = fault
  const well = await untilWell(notes, performance.now(), steadyLimit)
  const before = sign && (await usually(sign, stage))
  await forgetPeak(stage.caly())
  const broke = performance.now()
  try {
    await fault.begin(stage)
    const seen = sign && seenBy(stage, sign, before ?? 0)
    await sleep(lasts)
    if (seen !== undefined) broken.push(...(await seen))
  } finally {
    await fault.end(stage)
  }
  const fixed = performance.now()
  return { well, broke, fixed, mended: await untilWell(notes, fixed, recoversWithin) }
}

/** The line that a fault leaves. */
export function print({ promised, broken, ...figures }: Report): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}

const isGood = ({ kind, status }: Note): boolean =>
  kind === 'refusal' ? status === 401 : kind === 'call' ? status === 202 : status === 200

/**
 * Waits until each kind is answered well, and none otherwise for a while.
 *
 * @returns the moment since which it is so
 */
async function untilWell(notes: readonly Note[], since: number, limit: number): Promise<number> {
  const look = async () => {
    const later = notes.filter(({ ended }) => ended >= since)
    // Readiness has a second, which a machine that is busy with other tests may not have.
    const bad = later.filter((note) => !isGood(note) && note.kind !== 'ready')
    const lastBad = Math.max(since, ...bad.map(({ ended }) => ended))
    const firsts = kinds.map(
      (kind) =>
        later.find((note) => note.kind === kind && note.began >= lastBad && isGood(note))?.ended,
    )
    return {
      wasUnwell: !later.every(isGood),
      well: Math.max(...firsts.map((at) => at ?? Number.POSITIVE_INFINITY)),
    }
  }
  const { well, wasUnwell } = await eventually(
    look,
    ({ well }) => performance.now() > well + calm,
    limit + calm,
  ).catch(() => {
    const late = notes.filter((note) => note.ended >= since && !isGood(note)).slice(-5)
    throw new Error(`not well ${limit} ms later: ${JSON.stringify(late)}`)
  })
  return wasUnwell ? well : since
}

const kinds: readonly Kind[] = [
  'call',
  'read',
  'index',
  'login',
  'callback',
  'refusal',
  'live',
  'ready',
]

/** The value without the fault: a busy machine may show a sign for a moment. */
const usually = (sign: Sign, stage: Stage): Promise<number> =>
  eventually(
    () => measure(sign, stage),
    (value) => value !== sign.is,
  )

async function seenBy(stage: Stage, sign: Sign, before: number): Promise<string[]> {
  const seen = (value: number) =>
    sign.is === 'up' ? value > before && value - before >= (sign.by ?? 0) : value === sign.is
  return await eventually(() => measure(sign, stage), seen, signLimit).then(
    () => [],
    (error: Error) => [`${sign.metric}: ${error.message}`],
  )
}

function countsOf(notes: readonly Note[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code } of notes) {
    const name = status === 503 && code !== undefined ? `503 ${code}` : String(status)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
