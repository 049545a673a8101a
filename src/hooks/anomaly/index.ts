import { Elysia } from 'elysia'
import { AuthorizationError } from '../../errors.ts'
import { pathStart } from '../request-target.ts'
import { decodeFully } from './decode.ts'
import type { Detector } from './detector.ts'
import { pathTraversal } from './path-traversal.ts'
import { responseSplitting } from './response-splitting.ts'

/** One thing that looks like an attack. Never holds what was sent. */
export interface Finding {
  readonly kind: keyof typeof detectors
  /** Where it stood. */
  readonly place: 'path' | 'query'
}

/** Options of {@linkcode anomalyInspection}. */
export interface AnomalyOptions {
  /** `monitor` only tells, `block` answers 403, `off` does not look. */
  readonly mode: 'monitor' | 'block' | 'off'
  /** Hears of each request with findings. */
  readonly onFindings?: (findings: readonly Finding[], blocked: boolean) => void
}

const detectors = {
  'path-traversal': pathTraversal,
  'response-splitting': responseSplitting,
} as const satisfies Readonly<Record<string, Detector>>

/** What every attack in a URL needs at least one of; other URLs cost one look. */
const remarkable = /%|\.\./

/**
 * Looks at a request's path and query for attacks.
 * Stage: transform, so that it knows routes; use it after authentication.
 */
export function anomalyInspection({ mode, onFindings }: AnomalyOptions) {
  const plugin = new Elysia({ name: 'caly/anomaly', seed: mode })
  if (mode === 'off') return plugin
  return plugin.onTransform({ as: 'scoped' }, ({ request: { url } }) => {
    if (!remarkable.test(url)) return
    const findings = inspect(url)
    if (findings.length === 0) return
    const blocked = mode === 'block'
    onFindings?.(findings, blocked)
    if (blocked) throw new AuthorizationError('The request was refused')
  })
}

function inspect(url: string): Finding[] {
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(url.slice(pathStart(url))) ?? []
  return (['path', 'query'] as const).flatMap((place) => {
    const decoded = decodeFully(place === 'path' ? path : query)
    return (Object.keys(detectors) as (keyof typeof detectors)[])
      .filter((kind) => detectors[kind](decoded))
      .map((kind) => ({ kind, place }))
  })
}
