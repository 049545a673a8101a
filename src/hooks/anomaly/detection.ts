import { trace } from '@opentelemetry/api'
import type { Located } from './exceptions.ts'
import type { Finding } from './finding.ts'
import { type Inspected, type InspectorOptions, inspector } from './inspector.ts'
import { type ScanWatch, type ScanWatchOptions, type Sign, scanWatch } from './scan-watch.ts'

/** Options of {@linkcode anomalyDetection}. */
export interface AnomalyOptions extends InspectorOptions {
  /** `monitor` only tells, `block` answers 403, `off` does not look. */
  readonly mode: 'monitor' | 'block' | 'off'
  /** Hears of each request with findings, and whether that is why it was refused. */
  readonly onFindings?: (findings: readonly Finding[], blocked: boolean) => void
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
   * @param refused whether it is to be refused for a finding
   * @returns whether anything was found
   */
  inspect(request: Request, inspected: Inspected, refused: boolean): boolean
  /** Tells of a request that was too large to be read. */
  oversized(request: Request): void
  /** Takes note of a request for what is not there. */
  missed(request: Request, sign: 'unknown-path' | 'missing'): void
  /** Whether a request's findings were told already. */
  wasTold(request: Request): boolean
}

/** Makes what the plugins share. */
export function anomalyDetection(options: AnomalyOptions): AnomalyDetection {
  const { mode, onFindings, onError, source, isDeclared = () => false } = options
  const { bodyOf = (body: unknown) => body } = options
  const look = inspector(options)
  const watch: ScanWatch = scanWatch(options.scans)
  const told = new WeakSet<Request>()

  const scanning = (request: Request, signs: readonly Sign[]): Finding[] => {
    const from = source?.(request)
    if (from === undefined) return []
    const begins = signs.filter((sign) => watch.saw(from, sign)).length > 0
    return begins ? [{ kind: 'scanning', place: 'traffic', score: 1 }] : []
  }

  const named = (
    { at, ...finding }: Located,
    request: Pick<Inspected, 'method' | 'route'>,
  ): Finding => {
    const { place } = finding
    const isOurs =
      place === 'header' ||
      ((place === 'query' || place === 'body') &&
        at !== undefined &&
        isDeclared(request, place, at))
    return isOurs && at !== undefined ? { ...finding, name: at } : finding
  }

  const tell = (request: Request, findings: readonly Finding[], blocked: boolean) => {
    told.add(request)
    const span = trace.getActiveSpan()
    for (const { kind, place, score } of findings)
      span?.addEvent('caly.anomaly', {
        'caly.anomaly.kind': kind,
        'caly.anomaly.place': place,
        'caly.anomaly.score': score,
        'caly.anomaly.action': blocked ? 'block' : 'monitor',
      })
    onFindings?.(findings, blocked)
  }

  return {
    mode,
    inspect(request, inspected, refused) {
      try {
        const located = look({ ...inspected, body: bodyOf(inspected.body) })
        if (located.length === 0) return false
        const findings = located.map((finding) => named(finding, inspected))
        const kinds = new Set(findings.map(({ kind }) => kind))
        tell(request, [...findings, ...scanning(request, [...kinds])], refused)
        return true
      } catch (error) {
        onError?.(error)
        return false
      }
    },
    oversized(request) {
      const finding: Finding = { kind: 'oversized', place: 'body', score: 0.5 }
      tell(request, [finding, ...scanning(request, ['oversized'])], false)
    },
    missed(request, sign) {
      const findings = scanning(request, [sign])
      if (findings.length > 0) tell(request, findings, false)
    },
    wasTold: (request) => told.has(request),
  }
}
