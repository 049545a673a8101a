import { type AnomalyException, exceptFor, type Located } from './exceptions.ts'
import { inspection } from './inspection.ts'
import { knownTexts } from './known-texts.ts'
import { isScanner } from './scanner-names.ts'
import { visitBody, visitTarget } from './texts/index.ts'

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
   * told as `oversized`. A text counts for 16 at least. @default 32768
   */
  readonly length?: number
  /**
   * Of these, so many are looked at in depth, which is what costs; what looks ordinary at the first look
   * does not count, and any other text for 64 at least. @default 16384
   */
  readonly depth?: number
}

/**
 * Headers that applications read, log and hand on. Credentials are not among them, nor what the
 * runtime has checked the form of.
 */
export const defaultHeaders: readonly string[] = [
  'user-agent',
  'referer',
  'cookie',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'x-original-url',
  'x-rewrite-url',
  'x-requested-with',
  'x-api-version',
  'origin',
  'from',
  'accept',
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

  return ({ method, target, headers: fields, body, route = '' }) => {
    const { findings, look, oversized } = inspection(length, depth)
    if (!visitTarget(target, look)) oversized('query')
    for (const header of headers) {
      const value = fields.get(header)
      if (value === null) continue
      if (header === 'user-agent' && isScanner(value))
        findings.push({ kind: 'scanning', place: 'header', score: 1, at: header })
      if (clean.has(value)) continue
      const before = findings.length
      look(value, 'header', header)
      if (findings.length === before) clean.add(value)
    }
    if (body !== undefined && !visitBody(body, look)) oversized('body')
    return findings.length === 0 ? findings : except(findings, method, route)
  }
}

function characters(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new RangeError(`${name} must be whole characters from 1 up, got ${count}`)
}
