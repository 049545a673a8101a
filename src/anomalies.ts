/** What attack detection has to know of this service. */
import type { AnyElysia } from 'elysia'
import type { WebhookRoutesOptions } from './calls/index.ts'
import { type Config, ConfigError } from './config.ts'
import {
  type AnomalyDetection,
  type AnomalyException,
  type AnomalyOptions,
  findingKinds,
} from './hooks/anomaly/index.ts'
import { routeSchemas } from './hooks/problem-details/index.ts'
import { isDeclared, RefusedPart } from './hooks/validation/index.ts'
import { clientKey } from './limits.ts'
import type { Observations } from './observations.ts'

/** A password may look like anything, and is compared, never put into a language. */
const passwords: readonly AnomalyException[] = [
  { route: '/api/auth/login', place: 'body', name: 'password' },
  { route: '/api/auth/password', place: 'body', name: 'currentPassword' },
  { route: '/api/auth/password', place: 'body', name: 'newPassword' },
  { route: '/api/users', place: 'body', name: 'password' },
]

/**
 * The options of the service's own detection.
 *
 * @param app asked at the first finding, when all routes are there
 */
export function anomalyOptions(
  { anomalies }: Config,
  { onFindings, onDetectionError }: Pick<Observations, 'onFindings' | 'onDetectionError'>,
  app: () => AnyElysia,
): AnomalyOptions {
  const schemasOf = routeSchemas(() => app().routes)
  return {
    mode: anomalies.mode,
    exceptions: [...passwords, ...anomalies.exceptions],
    onFindings,
    onError: onDetectionError,
    source: clientKey,
    bodyOf: (body) => (body instanceof RefusedPart ? body.value : body),
    isDeclared: ({ method, route }, part, name) => isDeclared(schemasOf(method, route)[part], name),
  }
}

/**
 * Compares the operator's exceptions with what there is: one that names nothing lets nothing pass,
 * and nobody would notice.
 *
 * @throws {ConfigError} that names the routes and kinds that there are not
 */
export function checkExceptions({ anomalies }: Config, { routes }: AnyElysia): void {
  const faults = anomalies.exceptions.flatMap(({ route, method, kinds = [] }) => [
    ...(routes.some((one) => one.path === route && (method ?? one.method) === one.method)
      ? []
      : [`ANOMALY_EXCEPTIONS names a route that there is not: ${method ?? ''} ${route}`]),
    ...kinds
      .filter((kind) => !findingKinds.some((known) => known === kind))
      .map((kind) => `ANOMALY_EXCEPTIONS names no kind with ${kind}: ${findingKinds.join(', ')}`),
  ])
  if (faults.length > 0) throw new ConfigError(faults)
}

/** The same detection for routes that must answer: it tells, and refuses nothing. */
export const watchOnly = (detection: AnomalyDetection): AnomalyDetection =>
  detection.mode === 'off' ? detection : { ...detection, mode: 'monitor' }

/**
 * Looks at callbacks, which are never refused: whoever knows the secret is answered 200. Their path
 * is left out, since it holds the secret.
 */
export const webhookWatch =
  ({ inspect, mode }: AnomalyDetection): NonNullable<WebhookRoutesOptions['watch']> =>
  (request, query, fields) => {
    if (mode === 'off') return
    const { method, headers } = request
    const body = Object.fromEntries(fields)
    inspect(request, { method, headers, target: `?${query}`, body }, false)
  }
