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
   * Characters of a request that are looked at in depth; about 1 ms for all of them. What looks
   * ordinary at the first look does not count. @default 16384
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
  const { headers = defaultHeaders, depth = 16_384, exceptions = [] } = options
  if (!(Number.isSafeInteger(depth) && depth > 0))
    throw new RangeError(`depth must be whole characters from 1 up, got ${depth}`)
  const except = exceptFor(exceptions)
  const clean = knownTexts()

  return ({ method, target, headers: fields, body, route }) => {
    const findings: Located[] = []
    let left = depth

    const look = openingJson((text: string, place: Place, at: string | undefined) => {
      if (isOrdinary(text)) return
      if (text.length > left) findings.push({ kind: 'oversized', place, score: 0.5, at })
      const within = text.length > left ? endsOf(text, left) : text
      left -= within.length
      for (const suspicion of judge(within, place)) findings.push({ ...suspicion, place, at })
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
