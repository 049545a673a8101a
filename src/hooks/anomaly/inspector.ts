import { type AnomalyException, exceptFor, type Located } from './exceptions.ts'
import type { Place } from './finding.ts'
import { isOrdinary } from './gate.ts'
import { judge } from './judge.ts'
import { knownTexts } from './known-texts.ts'
import { isScanner } from './scanner-names.ts'
import { openingJson, visitBody, visitTarget } from './texts.ts'

/** A request, as far as it is looked at. */
export interface Inspected {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly target: string
  readonly headers: Pick<Headers, 'get'>
  /** As it was read; undefined where there is none. */
  readonly body?: unknown
  /** The template of the route that matched. */
  readonly route?: string | undefined
}

/** Options of {@linkcode inspector}. */
export interface InspectorOptions {
  readonly exceptions?: readonly AnomalyException[]
  /** Names of the headers that are looked at, in lower case. @default defaultHeaders */
  readonly headers?: readonly string[]
  /**
   * Characters of a request that are looked at: of what has more, the beginning and the end, and it is
   * told as `oversized`. @default 32768
   */
  readonly length?: number
  /**
   * Of these, so many are looked at in depth, which is what costs; what looks ordinary at the first look
   * does not count. @default 16384
   */
  readonly depth?: number
}

/**
 * Headers that applications read, log and hand on. Credentials are not among them, nor what a proxy or
 * the runtime has checked the form of.
 */
export const defaultHeaders: readonly string[] = [
  'user-agent',
  'referer',
  'cookie',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-original-url',
  'x-rewrite-url',
  'x-api-version',
  'accept-language',
  'content-type',
]

/** Looks at requests, one by one. */
export type Inspector = (request: Inspected) => readonly Located[]

/** Makes what looks at requests. It keeps no more than the headers that it has found to be clean. */
export function inspector(options: InspectorOptions = {}): Inspector {
  const { headers = defaultHeaders, exceptions = [] } = options
  const length = characters('length', options.length ?? 32_768)
  const depth = characters('depth', options.depth ?? 16_384)
  const except = exceptFor(exceptions)
  const clean = knownTexts()

  return ({ method, target, headers: fields, body, route }) => {
    const findings: Located[] = []
    const budget = { length, depth }

    /** As much of a text as may still be looked at. */
    const within = (text: string, place: Place, of: keyof typeof budget): string => {
      const left = budget[of]
      const part = text.length > left ? endsOf(text, left) : text
      budget[of] = left - part.length
      if (part !== text) findings.push({ kind: 'oversized', place, score: 0.5, at: undefined })
      return part
    }

    const look = openingJson((text: string, place: Place, at: string | undefined) => {
      const shown = within(text, place, 'length')
      if (isOrdinary(shown)) return
      for (const suspicion of judge(within(shown, place, 'depth'), place))
        findings.push({ ...suspicion, place, at })
    })

    visitTarget(target, look)
    for (const name of headers) {
      const value = fields.get(name)
      if (value === null || clean.has(value)) continue
      const before = findings.length
      if (name === 'user-agent' && isScanner(value))
        findings.push({ kind: 'scanning', place: 'header', score: 1, at: name })
      look(value, 'header', name)
      if (findings.length === before) clean.add(value)
    }
    if (body !== undefined && !visitBody(body, look))
      findings.push({ kind: 'oversized', place: 'body', score: 0.5, at: undefined })
    return findings.length === 0 ? findings : except(distinct(findings), method, route ?? '')
  }
}

function characters(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new RangeError(`${name} must be whole characters from 1 up, got ${count}`)
}

/** The beginning and the end of a long text, since an attack is as often put behind it. */
function endsOf(text: string, length: number): string {
  const tail = length >> 2
  return text.slice(0, length - tail) + text.slice(text.length - tail)
}

/** The surest of each kind, place and name. */
function distinct(findings: readonly Located[]): Located[] {
  const surest = new Map<string, Located>()
  for (const finding of findings) {
    const key = `${finding.kind} ${finding.place} ${finding.at}`
    const known = surest.get(key)
    if (known === undefined || known.score < finding.score) surest.set(key, finding)
  }
  return [...surest.values()]
}
