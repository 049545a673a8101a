/** What attack detection has to know of this service. */
import type { AnyElysia } from 'elysia'
import { bodyPairs, type RawMessage, type WebhookRoutesOptions } from './calls/index.ts'
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
 * @throws {ConfigError} that names the routes, kinds and fields that there are not
 */
export function checkExceptions({ anomalies }: Config, app: AnyElysia): void {
  const schemasOf = routeSchemas(() => app.routes)
  const faults = anomalies.exceptions.flatMap((exception) => {
    const { route, method, place, name, kinds = [] } = exception
    const routes = app.routes.filter(
      (one) => one.path === route && (method === undefined || method === one.method),
    )
    if (routes.length === 0)
      return [`a route that there is not: ${method === undefined ? '' : `${method} `}${route}`]
    const isField = (place === 'query' || place === 'body') && name !== undefined
    const isThere =
      !isField || routes.some((one) => isDeclared(schemasOf(one.method, route)[place], name))
    return [
      ...(isThere ? [] : [`a field that the route has not: ${route} ${place}.${name}`]),
      ...(place === 'path' && name !== undefined ? [`a part of a path by name: ${name}`] : []),
      ...kinds
        .filter((kind) => !findingKinds.some((known) => known === kind))
        .map((kind) => `a kind that there is not: ${kind}, of ${findingKinds.join(', ')}`),
    ]
  })
  if (faults.length > 0)
    throw new ConfigError(faults.map((fault) => `ANOMALY_EXCEPTIONS names ${fault}`))
}

/** The same detection for routes that must answer: it tells, and refuses nothing. */
export const watchOnly = (detection: AnomalyDetection): AnomalyDetection =>
  detection.mode === 'off' ? detection : { ...detection, mode: 'monitor' }

/**
 * Looks at callbacks, which are never refused: whoever knows the secret is answered 200. Their path
 * is left out, since it holds the secret.
 */
export function webhookWatch({ inspect, mode }: AnomalyDetection): WebhookWatch {
  return async (request, message, route) => {
    if (mode === 'off') return
    const { method, headers } = request
    const target = `?${message.query}`
    inspect(request, { method, headers, target, route, body: await textsOf(message) }, 'monitor')
  }
}

type WebhookWatch = NonNullable<WebhookRoutesOptions['watch']>

/** What a callback says: all of its JSON, all fields of its form, or all of it as one text. */
async function textsOf(message: RawMessage): Promise<unknown> {
  const text = new TextDecoder().decode(message.body)
  try {
    return JSON.parse(text)
  } catch {
    return (await bodyPairs(message)) ?? text
  }
}
