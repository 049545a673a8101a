import { type AnomalyException, exceptFor, type Located } from './exceptions.ts'
import { type Inspection, inspection } from './inspection.ts'
import { knownTexts } from './known-texts.ts'
import { isScanner } from './scanner-names.ts'
import { visitBody, visitTarget } from './texts/index.ts'

/** A request, as far as it is looked at. */
export interface Inspected {
  readonly method: string
  /** Path and query, as they were sent. Empty where they are plain. */
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

  /** Looks at a header's text; the next time it is known, where nothing was found. */
  const lookAt = ({ findings, look }: Inspection, value: string, header: string) => {
    const before = findings.length
    // Known from one header, a text is known in all: so none is that would tell a scanner in another.
    const tells = isScanner(value)
    if (tells && header === 'user-agent')
      findings.push({ kind: 'scanning', place: 'header', score: 1, at: header })
    look(value, 'header', header)
    if (findings.length === before && !tells) clean.add(value)
  }

  return ({ method, target, headers: fields, body, route = '' }) => {
    // Of most requests nothing has to be looked at twice, and then there is nothing to begin.
    let begun: Inspection | undefined
    if (target !== '') {
      begun = inspection(length, depth)
      if (!visitTarget(target, begun.look)) begun.oversized('query')
    }
    for (const header of headers) {
      const value = fields.get(header)
      if (value === null || clean.has(value)) continue
      begun ??= inspection(length, depth)
      lookAt(begun, value, header)
    }
    if (body !== undefined) {
      begun ??= inspection(length, depth)
      if (!visitBody(body, begun.look)) begun.oversized('body')
    }
    return begun === undefined || begun.findings.length === 0
      ? nothing
      : except(begun.findings, method, route)
  }
}

const nothing: readonly Located[] = []

function characters(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new RangeError(`${name} must be whole characters from 1 up, got ${count}`)
}
