/** Attack detection: what requests say is read the way that what they aim at would read it. */
import { Elysia } from 'elysia'
import { AuthorizationError, ProblemError } from '../../errors.ts'
import { pathStart } from '../request-target.ts'
import { type AnomalyDetection, type AnomalyOptions, anomalyDetection } from './detection.ts'
import type { Inspected } from './inspector.ts'
import { isPlainTarget } from './texts/index.ts'

export { type AnomalyDetection, type AnomalyOptions, anomalyDetection } from './detection.ts'
export type { AnomalyException } from './exceptions.ts'
export {
  type Finding,
  findingKinds,
  type Handling,
  type Kind,
  kinds,
  type Place,
} from './finding.ts'
export { defaultHeaders } from './inspector.ts'
export { judge } from './judge.ts'

/** What a plugin knows of the request at hand. */
interface Context {
  readonly request: Request
  readonly body?: unknown
  readonly route?: string | undefined
}

/**
 * Looks at path, query, headers and body for attacks, and in `block` mode refuses what looks like
 * one with 403.
 * Stage: transform, so that it knows the route and its body; use it after authentication.
 *
 * @param detection one for all plugins of an app, or the options for one of its own
 *
 * @example An honest O'Brien passes
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * const app = new Elysia().use(anomalyInspection({ mode: 'block' })).get('/', () => 'hello')
 * const ask = (name: string) =>
 *   app.handle(new Request(`http://localhost/?name=${encodeURIComponent(name)}`))
 * equal((await ask("O'Brien")).status, 200)
 * equal((await ask("' OR 1=1--")).status, 403)
 * ```
 */
export function anomalyInspection(detection: AnomalyDetection | AnomalyOptions) {
  const shared = 'inspect' in detection ? detection : anomalyDetection(detection)
  const { mode } = shared
  const plugin = new Elysia({ name: 'caly/anomaly', seed: mode })
  if (mode === 'off') return plugin
  const handling = mode === 'block' ? 'block' : 'monitor'
  // Elysia reads in a hook's text what it needs: one that hands the whole context on makes every
  // request parse cookies, query and headers, and wait.
  return plugin.onTransform({ as: 'scoped' }, ({ request, body, route }: Context) => {
    if (shared.inspect(request, inspectedOf(request, body, route), handling))
      throw new AuthorizationError('The request was refused')
  })
}

/**
 * Looks at the requests that never come as far as {@linkcode anomalyInspection}: strangers', those
 * that no route matches, that are too large or cannot be read. They are refused as they are, and
 * what they tried is told all the same, with what a scanner leaves behind.
 * Stage: error; use it before what answers errors.
 */
export function refusedInspection(detection: AnomalyDetection) {
  const plugin = new Elysia({ name: 'caly/anomaly-refused', seed: detection.mode })
  if (detection.mode === 'off') return plugin
  return plugin.onError({ as: 'global' }, (context) => {
    const { request, code, error } = context
    const status = statusOf(error, code)
    // Under a flood or an outage there is no time to look.
    if (status === 429 || status >= 500 || request.method === 'OPTIONS') return
    const route = 'route' in context ? String(context.route) : undefined
    if (status === 413) detection.oversized(request)
    else if (!detection.wasSeen(request))
      detection.inspect(request, inspectedOf(request, context.body, route), 'refused')
    if (status === 404)
      detection.missed(request, route === undefined ? 'unknown-path' : 'missing', context.path)
  })
}

/** A parser's own problem comes wrapped in Elysia's ParseError. */
function statusOf(error: unknown, code: unknown): number {
  const problem = error instanceof Error && !(error instanceof ProblemError) ? error.cause : error
  if (problem instanceof ProblemError) return problem.status
  if (code === 'NOT_FOUND') return 404
  return code === 'PARSE' ? 400 : 500
}

/** Nearly all targets are plain; of those nothing is taken out. */
function targetOf(url: string): string {
  const start = pathStart(url)
  return isPlainTarget(url, start) ? '' : url.slice(start)
}

const inspectedOf = (request: Request, body: unknown, route: string | undefined): Inspected => ({
  method: request.method,
  target: targetOf(request.url),
  headers: request.headers,
  body,
  route,
})
