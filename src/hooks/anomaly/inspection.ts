import { Budget } from './budget.ts'
import type { Located } from './exceptions.ts'
import type { Kind, Place, Suspicion } from './finding.ts'
import { isOrdinary } from './gate.ts'
import { judgeInDepth } from './judge.ts'
import { openingJson, type Visit } from './texts/index.ts'

/** The look at one request. */
export interface Inspection {
  /** What was found so far. */
  readonly findings: Located[]
  /** Looks at a text. */
  readonly look: Visit
  /** Notes, once for a place, that not all of it could be looked at. */
  oversized(place: Place, at?: string): void
}

/** Headers that name where a request comes from, inside of a network too. Nobody fetches that. */
const whereabouts = new Set(['referer', 'origin', 'forwarded', 'x-forwarded-host'])

const isMeant = (kind: Kind, place: Place, at: string | undefined): boolean =>
  kind !== 'request-forgery' || place !== 'header' || !whereabouts.has(at ?? '')

/**
 * Begins the look at a request.
 *
 * @param length characters that are looked at
 * @param depth characters of these that are looked at in depth
 */
export function inspection(length: number, depth: number): Inspection {
  const findings: Located[] = []
  let place: Place = 'path'
  let name: string | undefined
  const left = new Budget(length, depth, () => oversized(place, name))
  /** The same text again costs nothing: a flood of one is the cheapest to send. */
  let judged: Map<string, readonly Suspicion[]> | undefined

  function oversized(where: Place, at?: string): void {
    if (!findings.some((finding) => finding.kind === 'oversized' && finding.place === where))
      findings.push({ kind: 'oversized', place: where, score: 0.5, at })
  }

  /** @param isShown whether it is no text that stands in one which was shown before */
  function judgeOnce(text: string, isShown: boolean): void {
    if (isOrdinary(text)) return
    const key = `${place} ${text}`
    judged ??= new Map()
    let suspicions = judged.get(key)
    if (suspicions === undefined) {
      const part = isShown ? left.judged(text) : left.opened(text)
      if (part === '') return
      suspicions = judgeInDepth(part, place)
      judged.set(key, suspicions)
    }
    for (const { kind, score } of suspicions)
      if (isMeant(kind, place, name)) findings.push({ kind, score, place, at: name })
  }

  const open = openingJson(
    (text) => judgeOnce(left.shown(text), true),
    (text) => judgeOnce(text, false),
    (text) => left.mayOpen(text),
  )
  return {
    findings,
    oversized,
    look(text, where, at) {
      if (left.isSpent) return oversized(where, at)
      place = where
      name = at
      open(text, where, at)
    },
  }
}
