import { Elysia } from 'elysia'
import { AuthorizationError } from '../../errors.ts'
import { pathStart } from '../request-target.ts'
import type { Place, Suspicion } from './finding.ts'
import { judge } from './judge.ts'

/** One thing that looks like an attack. Never holds what was sent. */
export interface Finding extends Suspicion {
  /** Where it stood. */
  readonly place: Place
}

/** Options of {@linkcode anomalyInspection}. */
export interface AnomalyOptions {
  /** `monitor` only tells, `block` answers 403, `off` does not look. */
  readonly mode: 'monitor' | 'block' | 'off'
  /** Hears of each request with findings. */
  readonly onFindings?: (findings: readonly Finding[], blocked: boolean) => void
}

/**
 * Looks at a request's path and query for attacks.
 * Stage: transform, so that it knows routes; use it after authentication.
 */
export function anomalyInspection({ mode, onFindings }: AnomalyOptions) {
  const plugin = new Elysia({ name: 'caly/anomaly', seed: mode })
  if (mode === 'off') return plugin
  return plugin.onTransform({ as: 'scoped' }, ({ request: { url } }) => {
    const findings = inspect(url)
    if (findings.length === 0) return
    const blocked = mode === 'block'
    onFindings?.(findings, blocked)
    if (blocked) throw new AuthorizationError('The request was refused')
  })
}

function inspect(url: string): Finding[] {
  const [, path = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(url.slice(pathStart(url))) ?? []
  return (['path', 'query'] as const).flatMap((place) =>
    judge(place === 'path' ? path : query, place).map((suspicion) => ({ ...suspicion, place })),
  )
}
