/** `caly`: the whole protection of an Elysia app by one `.use`, in the order in which it works. */
import { type AnyElysia, Elysia } from 'elysia'
import { disabledTelemetry } from '#telemetry/index.ts'
import type { AnomalyOptions } from '../hooks/anomaly/index.ts'
import { type BodyLimitOptions, bodyLimit } from '../hooks/body-limit/index.ts'
import { type CorsOptions, cors } from '../hooks/cors.ts'
import { everywhere } from '../hooks/everywhere.ts'
import { type OverloadOptions, overload } from '../hooks/overload/index.ts'
import {
  type ProblemDetailsOptions,
  problemDetails,
  timeLimit,
} from '../hooks/problem-details/index.ts'
import {
  currentRequest,
  currentRequestState,
  type RequestContext,
  type RequestContextOptions,
  requestContext,
} from '../hooks/request-context/index.ts'
import { requestLog } from '../hooks/request-log/index.ts'
import { isOneOf } from '../hooks/request-target.ts'
import { type SaneRequestOptions, saneRequest } from '../hooks/sane-request.ts'
import { type SecurityHeadersOptions, securityHeaders } from '../hooks/security-headers.ts'
import { sizedEverywhere, sizeOf } from '../hooks/sized-answers.ts'
import { unparsed } from '../hooks/unparsed.ts'
import { type Observations, observations } from '../observations.ts'
import { anomaly } from './anomaly.ts'
import type { OpenTrail } from './audit.ts'
import { clientKey } from './client-key.ts'
import { type HealthOptions, health } from './health.ts'
import { processLog } from './process-log.ts'
import { type RateLimitOptions, rateLimit } from './rate-limit.ts'
import { isHarmlessId } from './request-ids.ts'
import type { RequestLogOptions } from './request-log.ts'
import { processTelemetry, type TelemetryOptions, telemetry } from './telemetry.ts'

export type { RequestContext } from '../hooks/request-context/index.ts'

/** Options of {@linkcode caly}. Each part can be told what it does; most can be turned off. */
export interface CalyOptions {
  /** Which proxies are believed, and what the socket's address is where Elysia does not listen. */
  readonly request?: RequestContextOptions
  /** @default HSTS on HTTPS, no path kept out of caches */
  readonly headers?: SecurityHeadersOptions
  /** @default every host, and no path that can be read in two ways */
  readonly hosts?: SaneRequestOptions
  /** @default no other site's page may read an answer */
  readonly cors?: CorsOptions
  /** @default 2000 requests at a time, 500 of one address, 500 ms of lag */
  readonly overload?: OverloadOptions | false
  /** @default 1 MiB, of any type that Elysia reads */
  readonly body?: BodyLimitOptions | false
  /** @default 1000 a minute for each address, probes apart */
  readonly rateLimit?: RateLimitOptions | false
  /** @default every error is a problem; foreign errors are `INTERNAL_ERROR` */
  readonly errors?: ProblemDetailsOptions
  /** Milliseconds to the first byte of an answer. @default 30_000 */
  readonly timeLimit?: number | false
  /** @default JSON lines on the standard output */
  readonly log?: RequestLogOptions | false
  /** @default `monitor`: attacks are told of, and not refused */
  readonly anomaly?: Partial<AnomalyOptions> | false
  /** @default `/health/live` and `/health/ready`, which looks at nothing */
  readonly health?: HealthOptions | false
  /** @default spans and metrics, and `/metrics` for this machine alone */
  readonly telemetry?: TelemetryOptions | false
  /** Takes refusals into an audit trail: what `openTrail()` of `caly/audit` gives. @default none */
  readonly audit?: OpenTrail
}

/** What {@linkcode caly} adds to an app's type. */
export type Caly = Elysia<
  '',
  {
    decorator: { requestContext: RequestContext }
    store: Record<never, never>
    derive: Record<never, never>
    resolve: Record<never, never>
  }
>

/** Apps that have it: the options of the first time count. */
const protectedApps = new WeakSet<AnyElysia>()

/** Probes are never turned away. */
const probes = ['/health/live', '/health/ready']

/**
 * Gives an app the whole protection: request ids and addresses, security headers, refusal of
 * ambiguous requests, CORS, overload and rate limits, bounded bodies, problems for errors, a log of
 * requests, attack detection, probes, traces and metrics. Routes before and after it have it; used
 * twice, it counts once.
 *
 * Use it on the app or on a plugin, not within the function of a `group()`: Elysia wraps no request
 * there, so log, traces, time limit and overload would be missing, and a warning says so.
 *
 * @throws {TelemetryError} if another OpenTelemetry SDK is registered: then say `telemetry: false`
 */
export function caly(options: CalyOptions = {}) {
  const seen = observationsOf(options)
  const { audit } = options
  const plugin = new Elysia({ name: 'caly/all' })
    .use(aroundRequests(options, seen))
    .use(beforeRouting(options, seen))
    .onStop(() => processLog().flush(stopTime))
    .onStop(() => audit?.close())
  const inspected = options.anomaly === false ? undefined : inspection(options.anomaly, seen)
  const answered = answers(options.errors, seen)
  return (app: AnyElysia): Caly => {
    if (!protectedApps.has(app)) {
      protectedApps.add(app)
      everywhere(plugin)(app)
      // error, from whatever stage: the detection looks before the answer is made
      inspected?.(app)
      answered(app)
      app.onStart(() => {
        unparsed(app)
        sizedEverywhere(app)
      })
      if (options.health !== false) app.use(health(options.health))
    }
    return app as AnyElysia as Caly
  }
}

/** Milliseconds for lines that wait, when the app stops. */
const stopTime = 1000

function observationsOf({ telemetry, audit }: CalyOptions): Observations {
  const measured = telemetry === false ? disabledTelemetry() : processTelemetry(telemetry)
  const told = observations(processLog().logger, measured)
  return audit?.observing(told) ?? told
}

/** Inside out: Elysia's last wrap is the outermost. */
function aroundRequests(options: CalyOptions, seen: Observations): AnyElysia {
  const plugin: AnyElysia = new Elysia()
  const { timeLimit: after = 30_000, log = {} } = options
  const startedAt = () => currentRequest()?.startedAt
  if (after !== false)
    plugin.use(timeLimit({ after, current: currentRequestState, onProblem: seen.onLateProblem }))
  if (log !== false) {
    const { on = seen.onRequest, ...others } = log
    const route = () => currentRequest()?.route
    const how = { ...others, route, startedAt, write: on, onSlow: seen.onSlowRequest }
    plugin.use(requestLog(how))
  }
  if (options.telemetry !== false) {
    const { describeRequest: describe, onStreamEnd } = seen
    plugin.use(telemetry({ describe, onStreamEnd, startedAt, sizeOf, ...options.telemetry }))
  }
  return plugin.use(requestContext({ acceptsId: isHarmlessId, ...options.request }))
}

/** The address and the headers are known, no route yet. */
function beforeRouting(options: CalyOptions, seen: Observations): AnyElysia {
  const isSecure = () => currentRequest()?.secure === true
  const plugin: AnyElysia = new Elysia()
    .use(securityHeaders({ isSecure, ...options.headers }))
    .use(saneRequest(options.hosts))
    .use(cors(options.cors ?? { origins: [] }))
  if (options.overload !== false)
    plugin.use(
      overload({
        maxInFlightOfClient: 500,
        client: clientKey,
        exempt: ({ url }) => isOneOf(url, probes),
        onRefusal: seen.onOverloadRefusal,
        onChange: seen.onOverload,
        ...options.overload,
      }),
    )
  if (options.body !== false) plugin.use(bodyLimit({ types: 'any', ...options.body }))
  if (options.rateLimit !== false) {
    const { onLimited, onVerdict } = seen
    plugin.use(rateLimit({ exempt: probes, onLimited, onVerdict, ...options.rateLimit }))
  }
  return plugin
}

const inspection = (options: CalyOptions['anomaly'], seen: Observations) =>
  anomaly({ onFindings: seen.onFindings, onError: seen.onDetectionError, ...options })

const answers = ({ translate, onProblem }: ProblemDetailsOptions = {}, seen: Observations) =>
  problemDetails({
    translate: (error) => translate?.(error) ?? seen.translate(error),
    onProblem(problem, route) {
      seen.onProblem(problem, route)
      onProblem?.(problem, route)
    },
  })
