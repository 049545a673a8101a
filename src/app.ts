/** The whole service on one page: every hook by its stage, in the order that runs. */
import { type AnyElysia, Elysia } from 'elysia'
import { requestTelemetry, type Telemetry } from '#telemetry/index.ts'
import { type AuditService, auditRoutes, recordGrant } from './audit/index.ts'
import {
  type AuthService,
  authentication,
  authRoutes,
  keyRoutes,
  userRoutes,
} from './auth/index.ts'
import { type CallService, callRoutes, rawBodyRoutes, webhookRoutes } from './calls/index.ts'
import type { Config } from './config.ts'
import { docs, type HookAnswers } from './docs/index.ts'
import { type HealthRoutesOptions, healthRoutes, operatorsOnly } from './health/index.ts'
import { anomalyInspection } from './hooks/anomaly/index.ts'
import { bodyLimit } from './hooks/body-limit/index.ts'
import { cors } from './hooks/cors.ts'
import { httpsRedirect } from './hooks/https-redirect.ts'
import { problemDetails, timeLimit } from './hooks/problem-details/index.ts'
import { addressKey, type LimiterStore, quota, rateLimit } from './hooks/rate-limit/index.ts'
import {
  currentRequest,
  currentRequestState,
  requestContext,
} from './hooks/request-context/index.ts'
import { requestLog } from './hooks/request-log/index.ts'
import { pathOf } from './hooks/request-target.ts'
import { saneRequest } from './hooks/sane-request.ts'
import { securityHeaders } from './hooks/security-headers.ts'
import { indexRoute } from './index-route.ts'
import type { Observations } from './observations.ts'
import { holdsToken } from './redaction/index.ts'

/** Everything that the app stands on. A test hands in its own clock, database and limits. */
export interface Services {
  readonly config: Config
  readonly version: string
  readonly telemetry: Telemetry
  readonly auth: AuthService
  readonly calls: CallService
  readonly audit: AuditService
  readonly health: Omit<HealthRoutesOptions, 'operators'>
  readonly limits: LimiterStore
  /** Where hooks tell what they saw: log, metrics, audit trail. */
  readonly observations: Observations
  readonly peerAddress?: (request: Request) => string | undefined
}

/** Probes ask by address and follow no redirect, and must never be turned away. */
const probes = ['/health/live', '/health/ready']

/** Scrapers ask by address too. */
const plainPaths = [...probes, '/metrics']

/** Builds the service from its parts. */
export function createApp(services: Services): AnyElysia {
  const { config, auth, calls, limits, observations } = services
  const isSecure = () => currentRequest()?.secure === true
  const address = () => addressKey(currentRequest()?.clientAddress ?? 'unknown')
  const limiter = (
    name: keyof Config['rateLimits'],
    stage: 'request' | 'transform',
    key: (request: Request) => string | undefined,
  ) => {
    const setting = config.rateLimits[name]
    return rateLimit({
      name,
      quota: setting && quota(setting.limit, setting.window),
      store: limits,
      key,
      stage,
      onVerdict: observations.onVerdict,
      onLimited: observations.onLimited,
    })
  }
  const inspection = anomalyInspection({
    mode: config.anomalyMode,
    onFindings: observations.onFindings,
  })

  // transform: the body is parsed, not yet valid. Who is it, how often, and is it an attack?
  const open = new Elysia({ name: 'caly/open' }).use(inspection).as('scoped')
  const guard = authentication({ service: auth })
  guard
    .use(limiter('api', 'transform', () => currentRequest()?.principal?.id))
    .use(inspection)
    .as('scoped')

  return (
    new Elysia({ name: 'caly', strictPath: true })
      // around everything, inside out: Elysia's last wrap is the outermost
      .use(
        timeLimit({
          after: config.requestTimeout,
          current: currentRequestState,
          onProblem: observations.onLateProblem,
        }),
      )
      .use(
        requestLog({
          slowRequest: config.log.slowRequest,
          sample: config.log.sample,
          route: () => currentRequest()?.route,
          write: observations.onRequest,
          onSlow: observations.onSlowRequest,
        }),
      )
      .use(requestTelemetry(services.telemetry, { describe: observations.describeRequest }))
      .use(
        requestContext({
          proxies: config.proxies,
          acceptsId: (id) => !holdsToken(id),
          ...(services.peerAddress && { peerAddress: services.peerAddress }),
        }),
      )
      // request: address and headers are known, no route yet
      .use(
        securityHeaders({
          ...((config.production || config.listen.tls) && { hstsMaxAge: 63_072_000 }),
          isSecure,
          noStore: ['/api'],
        }),
      )
      .use(saneRequest({ allowedHosts: config.allowedHosts, anyHost: plainPaths }))
      .use(cors({ origins: config.corsOrigins }))
      .use(
        httpsRedirect({
          isSecure: () => !config.forceHttps || isSecure(),
          publicUrl: config.publicUrl,
          exempt: plainPaths,
        }),
      )
      .use(bodyLimit({ limit: config.bodyLimit, raw: rawBodyRoutes }))
      .use(
        limiter('global', 'request', ({ url }) =>
          // A right webhook secret leaves the provider's few addresses to its own, wider limit.
          probes.includes(pathOf(url)) || isRightfulWebhook(calls, url) ? undefined : address(),
        ),
      )
      // error, from whatever stage
      .use(problemDetails({ translate: observations.translate, onProblem: observations.onProblem }))
      // features: each brings its routes, with what its requests have to pass
      .use(
        healthRoutes({
          ...services.health,
          operators: operatorsOnly({
            token: config.metricsToken,
            trustLoopback: !config.production && config.listen.isLoopback,
            authenticate: auth.authenticate,
            onDenied: (principal) => auth.denials.principal(principal, 'ops:read'),
            onGranted: () => recordGrant(services.audit.trail, 'ops:read'),
            context: currentRequest,
          }),
        }),
      )
      .use(indexRoute({ guard: open, version: services.version, docs: config.docs }))
      .use(config.docs ? docs({ version: services.version, hookAnswers }) : new Elysia())
      .use(authRoutes({ service: auth, guard, open, limit: limiter('auth', 'transform', address) }))
      .use(userRoutes({ service: auth, guard }))
      .use(keyRoutes({ service: auth, guard }))
      .use(callRoutes({ service: calls, authentication: guard }))
      .use(auditRoutes({ service: services.audit, authentication: guard }))
      .use(webhookRoutes({ service: calls, bodyLimit: config.bodyLimit }))
  )
}

const webhookPath = '/api/webhooks/exotel/'

/** What the hooks above answer by themselves, for the API's document. */
const hookAnswers: HookAnswers = {
  308: ({ path }) => !plainPaths.includes(path),
  400: () => true,
  403: ({ path }) => path.startsWith('/api') && !path.startsWith(webhookPath),
  413: () => true,
  415: ({ method, path }) => method !== 'get' && !path.startsWith(webhookPath),
  421: ({ path }) => !plainPaths.includes(path),
  429: ({ path }) => !probes.includes(path),
}

function isRightfulWebhook(calls: CallService, url: string): boolean {
  const path = pathOf(url)
  return path.startsWith(webhookPath) && calls.isWebhookSecret(path.slice(webhookPath.length))
}
