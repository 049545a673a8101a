/** What no client may see, whatever breaks. */
import type { Fault } from './fault.ts'
import type { Kind, Note } from './notes.ts'
import type { Limits } from './stage.ts'

/** Moments of a fault, of `performance.now()`. */
export interface Course {
  /** From here on all was well. */
  readonly well: number
  readonly broke: number
  /** From here on all was well again. */
  readonly mended: number
}

/** Milliseconds in which `/health/ready` answers, whatever hangs. */
const readyLimit = 1000

/** Milliseconds by which a busy machine may be late. */
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
const puttingOff: readonly unknown[] = ['DATABASE_UNAVAILABLE', 'OVERLOADED', 'TIMEOUT']

/** One line for each kind of surprise, with how often it came and an example. */
export function surprisesIn(
  fault: Pick<Fault, 'serves' | 'hurts' | 'noAnswer'>,
  limits: Limits,
  notes: readonly Note[],
  course: Course,
): string[] {
  const found = new Map<string, Note[]>()
  for (const note of notes) {
    const what = surpriseOf(fault, limits, note, course)
    if (what !== undefined) found.set(what, [...(found.get(what) ?? []), note])
  }
  const lines = [...found].map(
    ([what, those]) => `${what}, ${those.length} times, such as ${JSON.stringify(those[0])}`,
  )
  const hurt = notes.some((note) => isDuring(note, course) && note.status !== usual[note.kind])
  if ((fault.hurts ?? true) && !hurt) lines.push('nobody noticed: was anything broken?')
  return lines
}

function surpriseOf(
  { serves, noAnswer = [] }: Pick<Fault, 'serves' | 'noAnswer'>,
  limits: Limits,
  note: Note,
  course: Course,
): string | undefined {
  const { kind, status, code, malformed } = note
  if (malformed !== undefined) return `${kind}: ${status} ${code} ${malformed}`
  const late = note.ended - note.began
  if (status === 'hung' || late > limits.request + margin) return `${kind}: hangs`
  if (kind === 'ready' && late > readyLimit + margin) return 'ready: late'
  if (status === usual[kind]) return undefined
  // It ran out of its second: so it is on a machine that is busy with other tests.
  if (kind === 'ready' && status === 503 && late > readyLimit * 0.9) return undefined
  if (!isDuring(note, course)) return `${kind}: ${status} ${code} while nothing is broken`
  if (typeof status === 'string')
    return noAnswer.includes(status) ? undefined : `${kind}: ${status}`
  if (serves === 'all' || serves.includes(kind)) return `${kind}: ${status} ${code}`
  if (kind === 'ready') return status === 503 ? undefined : `ready: ${status}`
  if (kind === 'call' && status === 409 && code === 'IDEMPOTENCY_IN_FLIGHT') return undefined
  return status === 503 && puttingOff.includes(code) ? undefined : `${kind}: ${status} ${code}`
}

const isDuring = ({ ended }: Note, { broke, mended }: Course): boolean =>
  ended >= broke && ended <= mended
