/** The whole service on one page: every hook by its stage, in the order that runs. */
import { type AnyElysia, Elysia } from 'elysia'
import { requestTelemetry, type Telemetry } from '#telemetry/index.ts'
import { anomalyOptions, checkExceptions, watchOnly, webhookWatch } from './anomalies.ts'
import { recordGrant } from './audit/index.ts'
import { type AuditService, auditRoutes } from './audit-api/index.ts'
import {
  type AuthService,
  authentication,
  authRoutes,
  keyRoutes,
  passwordLimits,
  userRoutes,
} from './auth/index.ts'
import { type CallService, callRoutes, rawBodyRoutes, webhookRoutes } from './calls/index.ts'
import type { Config } from './config.ts'
import { docs, type HookAnswers } from './docs/index.ts'
import { type HealthRoutesOptions, healthRoutes, operatorsOnly } from './health/index.ts'
import { anomalyDetection, anomalyInspection, refusedInspection } from './hooks/anomaly/index.ts'
import { bodyLimit } from './hooks/body-limit/index.ts'
import { cors } from './hooks/cors.ts'
import { httpsRedirect } from './hooks/https-redirect.ts'
import { overload } from './hooks/overload/index.ts'
import { problemDetails, timeLimit } from './hooks/problem-details/index.ts'
import { type LimiterStore, limiter, rateLimit } from './hooks/rate-limit/index.ts'
import {
  currentRequest,
  currentRequestState,
  requestContext,
} from './hooks/request-context/index.ts'
import { requestLog } from './hooks/request-log/index.ts'
import { isBelow, isPath, pathOf } from './hooks/request-target.ts'
import { saneRequest } from './hooks/sane-request.ts'
import { securityHeaders } from './hooks/security-headers.ts'
import { sizedAnswers, sizeOf } from './hooks/sized-answers.ts'
import { unparsed } from './hooks/unparsed.ts'
import { plainQuery } from './hooks/validation/index.ts'
import { indexRoute } from './index-route.ts'
import { clientKey, limits } from './limits.ts'
import type { Observations } from './observations.ts'
import { redactText } from './redaction/index.ts'
import { type ScanService, scanRoutes } from './scans/index.ts'

/** Everything that the app stands on. A test hands in its own clock, database and limits. */
export interface Services {
  readonly config: Config
  readonly version: string
  readonly telemetry: Telemetry
  readonly auth: AuthService
  readonly calls: CallService
  readonly audit: AuditService
  readonly scans: ScanService
  readonly health: Omit<HealthRoutesOptions, 'operators'>
  readonly limiterStore: LimiterStore
  /** Where hooks tell what they saw: log, metrics, audit trail. */
  readonly observations: Observations
  readonly peerAddress?: (request: Request) => string | undefined
}

/** Probes ask by address and follow no redirect, and must never be turned away. */
const probes = ['/health/live', '/health/ready']

/** Scrapers ask by address too. */
const plainPaths = [...probes, '/metrics']

/** What heavier routes count for: they read many rows where others read one. */
const costs = { '/api/calls/stats': 5, '/api/calls/search': 2 }

/** When the request at hand has arrived: one look at the clock for all that measure. */
const arrival = () => currentRequest()?.startedAt

/** Builds the service from its parts. */
export function createApp(services: Services): AnyElysia {
  const { config, auth, calls, observations } = services
  const isSecure = () => currentRequest()?.secure === true
  const limit = limits({
    settings: config.rateLimits,
    store: services.limiterStore,
    observations,
    exempt: probes,
    webhookSecret: (url) => webhookSecret(calls, url),
  })
  const detection = anomalyDetection(anomalyOptions(config, observations, () => app))
  const inspection = anomalyInspection(detection)
  // Probes and scrapers are answered, whatever stands in their address.
  const watching = anomalyInspection(watchOnly(detection))

  // transform: the body is parsed, not yet valid. Who is it, how often, and is it an attack?
  const open = new Elysia({ name: 'caly/open' }).use(inspection).as('scoped')
  const guard = authentication({ service: auth })
  guard
    .use(rateLimit({ ...limit.api, stage: 'transform', costs }))
    .use(inspection)
    .as('scoped')

  const app: AnyElysia = new Elysia({ name: 'caly', strictPath: true })
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
        startedAt: arrival,
        write: observations.onRequest,
        onSlow: observations.onSlowRequest,
      }),
    )
    .use(
      requestTelemetry(services.telemetry, {
        describe: observations.describeRequest,
        onStreamEnd: observations.onStreamEnd,
        startedAt: arrival,
        sizeOf,
      }),
    )
    .use(
      requestContext({
        proxies: config.proxies,
        // It stands in each line as it is: no secret, and nobody's number.
        acceptsId: (id) => redactText(id, id.length) === id,
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
      overload({
        ...config.overload,
        client: clientKey,
        exempt: ({ url }) => isAlwaysServed(url, calls),
        onRefusal: observations.onOverloadRefusal,
        onChange: observations.onOverload,
      }),
    )
    .use(
      httpsRedirect({
        isSecure: () => !config.forceHttps || isSecure(),
        publicUrl: config.publicUrl,
        exempt: plainPaths,
      }),
    )
    .use(bodyLimit({ limit: config.bodyLimit, raw: rawBodyRoutes }))
    .use(rateLimit(limit.global))
    .use(rateLimit(limit.login))
    // transform, of every route: what the query says
    .use(plainQuery({ except: rawBodyRoutes }))
    // mapResponse, of every route: what the handler returned
    .use(sizedAnswers())
    // error, from whatever stage
    .use(refusedInspection(detection))
    .use(problemDetails({ translate: observations.translate, onProblem: observations.onProblem }))
    // features: each brings its routes, with what its requests have to pass
    .use(
      new Elysia({ name: 'caly/watched' }).use(watching).use(
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
      ),
    )
    .use(indexRoute({ guard: open, version: services.version, docs: config.docs }))
    .use(
      config.docs
        ? docs({ version: services.version, hookAnswers, guard: watching })
        : new Elysia(),
    )
    .use(authRoutes({ service: auth, guard, open, limits: passwordLimits(limit.auth) }))
    .use(userRoutes({ service: auth, guard }))
    .use(keyRoutes({ service: auth, guard }))
    .use(callRoutes({ service: calls, authentication: guard }))
    .use(auditRoutes({ service: services.audit, authentication: guard }))
    .use(scanRoutes({ service: services.scans, authentication: guard }))
    .use(
      webhookRoutes({
        service: calls,
        bodyLimit: config.bodyLimit,
        limiter: limiter(limit.webhook),
        watch: webhookWatch(detection),
      }),
    )
  unparsed(app)
  checkExceptions(config, app)
  return app
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
  422: ({ path }) => !path.startsWith(webhookPath),
  429: ({ path }) => !probes.includes(path),
}

/** Operators must see an overload, and the provider's news must not be lost in it. */
const isAlwaysServed = (url: string, calls: CallService): boolean =>
  isPath(url, '/metrics') || isBelow(url, '/health/') || webhookSecret(calls, url) !== undefined

/** The secret in a webhook's path, where it is a right one, and comes from the provider. */
function webhookSecret(calls: CallService, url: string): string | undefined {
  if (!isBelow(url, webhookPath)) return undefined
  try {
    const secret = decodeURIComponent(pathOf(url).slice(webhookPath.length))
    const caller = calls.webhookCaller(secret, currentRequest()?.clientAddress)
    return caller === 'provider' ? secret : undefined
  } catch {
    return undefined
  }
}
