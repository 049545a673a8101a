import { trace } from '@opentelemetry/api'
import type { Keeping } from '../keeping.ts'
import type { Located } from './exceptions.ts'
import type { Finding, Handling } from './finding.ts'
import { type Inspected, type InspectorOptions, inspector } from './inspector.ts'
import { type ScanWatchOptions, scanWatch } from './scan-watch.ts'

/** Options of {@linkcode anomalyDetection}. */
export interface AnomalyOptions extends InspectorOptions {
  /** `monitor` only tells, `block` answers 403, `off` does not look. */
  readonly mode: 'monitor' | 'block' | 'off'
  /** Hears of each request with findings, and what was done about it. */
  readonly onFindings?: (findings: readonly Finding[], handling: Handling) => void
  /**
   * Hears of a fault of the detection itself. The request goes on: it is a second line of defence,
   * and must not take the service down. @default nobody
   */
  readonly onError?: (error: unknown) => void
  /** Who a request is from, for what only many requests tell. @default {undefined} nobody is watched */
  readonly source?: (request: Request) => string | undefined
  /** When a source behaves like a scanner. */
  readonly scans?: ScanWatchOptions
  /** What holds the texts of a body, where a parser wraps it. @default the body itself */
  readonly bodyOf?: (body: unknown) => unknown
  /**
   * Whether the route's own schema has a parameter or field of this name (with dots where it is
   * nested): only then is it told, since other names are the client's words. @default never
   */
  readonly isDeclared?: (
    request: Pick<Inspected, 'method' | 'route'>,
    place: 'query' | 'body',
    name: string,
  ) => boolean
}

/** Looks at requests, and tells. What the plugins share; {@linkcode anomalyInspection} is one. */
export interface AnomalyDetection {
  readonly mode: AnomalyOptions['mode']
  /**
   * Looks at a request, and tells what it found.
   *
   * @param handling `block`: it is to be refused for an attack; `refused`: it is refused already
   * @returns whether it is to be refused: nothing is for being large alone
   */
  inspect(request: Request, inspected: Inspected, handling: Handling): boolean
  /** Tells of a request that was too large to be read. */
  oversized(request: Request): void
  /** Takes note of a request for what is not there. */
  missed(request: Request, sign: 'unknown-path' | 'missing', path: string): void
  /** Whether a request was looked at already. */
  wasSeen(request: Request): boolean
}

/** Findings that are told of one request, at most. */
const mostFindings = 20

/** Makes what the plugins share. */
export function anomalyDetection(options: AnomalyOptions): AnomalyDetection {
  const { mode, onFindings, onError, source, isDeclared = () => false } = options
  const { bodyOf = (body: unknown) => body } = options
  const look = inspector(options)
  const watch = scanWatch(options.scans)
  // One for each detection: what another has looked at, this one has not.
  const seen = Symbol('caly.anomaly.seen')
  type Inspectable = Keeping<typeof seen, true>

  const named = (located: Located, request: Pick<Inspected, 'method' | 'route'>): Finding => {
    const { at, ...finding } = located
    if (at === undefined || finding.place === 'path' || finding.place === 'traffic') return finding
    const isOurs = finding.place === 'header' || isDeclared(request, finding.place, at)
    return isOurs ? { ...finding, name: at } : finding
  }

  const tell = (findings: readonly Finding[], handling: Handling) => {
    const span = trace.getActiveSpan()
    for (const { kind, place, score } of findings)
      span?.addEvent('caly.anomaly', {
        'caly.anomaly.kind': kind,
        'caly.anomaly.place': place,
        'caly.anomaly.score': score,
        'caly.anomaly.action': handling,
      })
    onFindings?.(findings, handling)
  }

  /** No request is refused for what many of them show: behind one address there may be many people. */
  const tellScanning = (
    request: Request,
    handling: Exclude<Handling, 'block'>,
    tells: (from: string) => boolean,
  ) => {
    const from = source?.(request)
    if (from !== undefined && tells(from))
      tell([{ kind: 'scanning', place: 'traffic', score: 1 }], handling)
  }

  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      onError?.(error)
    }
  }

  /** @returns whether it is to be refused */
  const tellFound = (
    request: Request,
    inspected: Inspected,
    located: readonly Located[],
    handling: Handling,
  ): boolean => {
    const findings = distinct(located.map((finding) => named(finding, inspected)))
    const kinds = findings.map(({ kind }) => kind)
    const isAttack = kinds.some((kind) => kind !== 'oversized')
    const done = handling === 'block' && !isAttack ? 'monitor' : handling
    tell(findings, done)
    // Blocked for an attack is refused for another reason than scanning.
    const apart = done === 'block' ? 'refused' : done
    tellScanning(request, apart, (from) => watch.attacked(from, kinds))
    return done === 'block'
  }

  return {
    mode,
    inspect(request: Inspectable, inspected, handling) {
      request[seen] = true
      try {
        const body = bodyOf(inspected.body)
        const located = look(body === inspected.body ? inspected : { ...inspected, body })
        return located.length > 0 && tellFound(request, inspected, located, handling)
      } catch (error) {
        onError?.(error)
        return false
      }
    },
    oversized: (request: Inspectable) =>
      guarded(() => {
        request[seen] = true
        tell([{ kind: 'oversized', place: 'body', score: 0.5 }], 'refused')
      }),
    missed: (request, sign, path) =>
      guarded(() => tellScanning(request, 'refused', (from) => watch.missed(from, sign, path))),
    wasSeen: (request: Inspectable) => request[seen] === true,
  }
}

/** The surest of each kind, place and name. */
function distinct(findings: readonly Finding[]): Finding[] {
  const surest = new Map<string, Finding>()
  for (const finding of findings) {
    const key = `${finding.kind} ${finding.place} ${finding.name}`
    const known = surest.get(key)
    if (known === undefined ? surest.size < mostFindings : known.score < finding.score)
      surest.set(key, finding)
  }
  return [...surest.values()]
}
