/** What no client may see, whatever breaks. */
import type { Fault } from './fault.ts'
import type { Kind, Note } from './notes.ts'
import type { Limits, Stage } from './stage.ts'

/** Moments of a fault, of `performance.now()`. */
export interface Course {
  /** From here on all was well. */
  readonly well: number
  readonly broke: number
  /** From here on all was well again. */
  readonly mended: number
}

/** Milliseconds in which `/health/ready` answers, whatever hangs, and `/health/live` does. */
const readyLimit = 1000
const liveLimit = 10_000

/** Milliseconds by which a busy machine may be late, beside those by which `/health/live` was. */
const margin = 3000

const usual: Readonly<Record<Kind, number>> = {
  call: 202,
  read: 200,
  index: 200,
  login: 200,
  callback: 200,
  refusal: 401,
  live: 200,
  ready: 200,
}

/** Why a request may be put off with 503, and be sent again. */
const puttingOff: readonly unknown[] = ['DATABASE_UNAVAILABLE', 'OVERLOADED']

/** One line for each kind of surprise, with how often it came and an example. */
export function surprisesIn(
  fault: Rules,
  { limits, output }: Pick<Stage, 'limits' | 'output'>,
  notes: readonly Note[],
  course: Course,
): string[] {
  const lives = notes.filter(({ kind }) => kind === 'live')
  // It touches nothing: so much was the machine's doing.
  const slack = margin + Math.max(...lives.map(({ began, ended }) => ended - began))
  const log = output()
  const found = new Map<string, Note[]>()
  for (const note of notes) {
    const what =
      lateness(note, limits, slack) ??
      (typeof note.status === 'string'
        ? silence(fault, note, course, log)
        : wrongAnswer(fault, note, course))
    if (what !== undefined) found.set(what, [...(found.get(what) ?? []), note])
  }
  const lines = [...found].map(
    ([what, those]) => `${what}, ${those.length} times, such as ${JSON.stringify(those[0])}`,
  )
  const hurt = notes.filter((note) => isDuring(note, course) && note.status !== usual[note.kind])
  if ((fault.hurts ?? true) && hurt.length === 0) lines.push('nobody noticed: was anything broken?')
  if (fault.unready && !hurt.some(({ kind }) => kind === 'ready')) lines.push('ready all the time')
  return lines
}

type Rules = Pick<Fault, 'serves' | 'hurts' | 'unready' | 'breaks'>

function lateness({ kind, began, ended }: Note, limits: Limits, slack: number) {
  const took = ended - began
  if (kind === 'live') return took > liveLimit ? 'live: late' : undefined
  const limit = kind === 'ready' ? readyLimit : limits.request
  return took > limit + slack ? `${kind}: late` : undefined
}

/** No answer at all. */
function silence({ breaks }: Rules, note: Note, course: Course, log: string): string | undefined {
  const { kind, id, status } = note
  if (breaks === undefined || status === 'hung' || !isDuring(note, course))
    return `${kind}: ${status}`
  const wasRead = breaks === 'unread' && log.includes(`"${id}"`)
  return wasRead ? `${kind}: was read, and not answered` : undefined
}

function wrongAnswer({ serves }: Rules, note: Note, course: Course): string | undefined {
  const { kind, status, code, malformed } = note
  if (malformed !== undefined) return `${kind}: ${status} ${code} ${malformed}`
  if (status === usual[kind]) return undefined
  // Whether it says so in time is another question, and it may say so without need.
  if (kind === 'ready' && status === 503) return undefined
  if (!isDuring(note, course)) return `${kind}: ${status} ${code} while nothing is broken`
  if (serves === 'all' || serves.includes(kind)) return `${kind}: ${status} ${code}`
  if (kind === 'call' && status === 409 && code === 'IDEMPOTENCY_IN_FLIGHT') return undefined
  return status === 503 && puttingOff.includes(code) ? undefined : `${kind}: ${status} ${code}`
}

const isDuring = ({ ended }: Note, { broke, mended }: Course): boolean =>
  ended >= broke && ended <= mended
